"""Write scikit-learn's wine table, 178 wines of three vineyards with 13 measurements each, to data/wine.csv."""

import csv
from pathlib import Path

from sklearn.datasets import load_wine

table = load_wine()
names = [name.replace("/", "_") for name in table.feature_names]
Path("data").mkdir(exist_ok=True)
with open("data/wine.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([*names, "vineyard"])
    for measurements, vineyard in zip(table.data, table.target):
        writer.writerow([*measurements.tolist(), int(vineyard)])
print(f"wrote {len(table.data)} rows to data/wine.csv")
