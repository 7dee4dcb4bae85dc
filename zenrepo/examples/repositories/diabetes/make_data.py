"""Write scikit-learn's diabetes table, 442 patients with ten measurements each, to data/diabetes.csv."""

import csv
from pathlib import Path

from sklearn.datasets import load_diabetes

names = ["age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose"]
table = load_diabetes(scaled=False)
Path("data").mkdir(exist_ok=True)
with open("data/diabetes.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([*names, "progression"])
    for patient, progression in zip(table.data, table.target):
        values = dict(zip(names, patient.tolist()))
        values["sex"] = "AB"[int(values["sex"]) - 1]  # the table says 1 or 2, and not which is which
        writer.writerow([*values.values(), progression])
print(f"wrote {len(table.data)} rows to data/diabetes.csv")
