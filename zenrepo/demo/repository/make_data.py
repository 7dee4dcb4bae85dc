"""Write scikit-learn's breast cancer table, 569 tumours with 30 measurements each, to data/cancer.csv."""

import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer

table = load_breast_cancer()
names = [name.replace(" ", "_") for name in table.feature_names]
Path("data").mkdir(exist_ok=True)
with open("data/cancer.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([*names, "benign"])
    for measurements, benign in zip(table.data, table.target):
        writer.writerow([*measurements.tolist(), int(benign)])
print(f"wrote {len(table.data)} rows to data/cancer.csv")
