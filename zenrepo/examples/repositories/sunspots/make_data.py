"""Write the activity of 24 stars, month by month for 160 years, to data/stars.csv.

In 1927 Yule described the yearly sunspot numbers by the two years before and a shock, and invented the autoregressive
model for it. Our stars follow his: a cycle of about eleven years that nothing but the shocks keeps alive. So it is known
how well they can be forecast at best: the error cannot be less than the shocks, whose standard deviation is 15.41.

A month's measurement adds a little noise, and one month in ten is clouded.
"""

import csv
import random
from pathlib import Path

ONE_YEAR, TWO_YEARS, SHOCK = 1.34254, -0.65504, 15.41
random.seed(1927)


def years(count):
    """Let a star live for so many years, after a century that lets it forget how it began."""
    last, before = 0.0, 0.0
    for year in range(-100, count):
        last, before = ONE_YEAR * last + TWO_YEARS * before + random.gauss(0, SHOCK), last
        if year >= 0:
            yield 1800 + year, last


Path("data").mkdir(exist_ok=True)
with open("data/stars.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["star", "month", "activity"])
    for star in range(24):
        for year, activity in years(160):
            for month in range(1, 13):
                if random.random() < 0.9:
                    writer.writerow([f"star {star}", f"{year}-{month:02}-01", round(random.gauss(activity, 3), 2)])
print("wrote data/stars.csv")
