"""Write the 1,309 passengers of the Titanic into a database, data/titanic.db.

scikit-learn has the table among the data of its tests, as OpenML gives it: data set 40945.
"""

import csv
import gzip
import sqlite3
from importlib.resources import files
from pathlib import Path

packed = files("sklearn.datasets.tests.data.openml.id_40945") / "data-v1-dl-16826755.arff.gz"
lines = gzip.decompress(packed.read_bytes()).decode("utf-8").splitlines()
names = [line.split("'")[1].replace(".", "_") for line in lines if line.startswith("@attribute")]
passengers = [dict(zip(names, row)) for row in csv.reader(lines[lines.index("@data") + 1 :], escapechar="\\") if row]
COLUMNS = {"pclass": int, "survived": int, "name": str, "sex": str, "age": float, "sibsp": int, "parch": int,
           "fare": float, "embarked": str}

Path("data").mkdir(exist_ok=True)
Path("data/titanic.db").unlink(missing_ok=True)
with sqlite3.connect("data/titanic.db") as database:
    database.execute(f"create table passengers ({', '.join(COLUMNS)})")
    for passenger in passengers:
        values = [None if passenger[name] == "?" else kind(passenger[name]) for name, kind in COLUMNS.items()]
        database.execute(f"insert into passengers values ({', '.join('?' * len(values))})", values)
database.close()
print(f"wrote {len(passengers)} passengers to data/titanic.db")
