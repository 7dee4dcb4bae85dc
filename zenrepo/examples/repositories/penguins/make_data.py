"""Write the Palmer penguins, 344 birds of three species, to data/penguins.csv.

scikit-learn has the table among the data of its tests, as OpenML gives it: data set 42585.
"""

import csv
import gzip
from importlib.resources import files
from pathlib import Path

packed = files("sklearn.datasets.tests.data.openml.id_42585") / "data-v1-dl-21854866.arff.gz"
lines = gzip.decompress(packed.read_bytes()).decode("utf-8").splitlines()
names = [line.split()[1] for line in lines if line.startswith("@ATTRIBUTE")]
rows = csv.reader(lines[lines.index("@DATA") + 1 :])
known = [["" if value in "?_" else value for value in row] for row in rows if len(row) == len(names)]
Path("data").mkdir(exist_ok=True)
with open("data/penguins.csv", "w", newline="") as file:
    csv.writer(file).writerows([names, *known])
print(f"wrote {len(known)} rows to data/penguins.csv")
