# pandas: weekly returns of two assets from exported files
#
# `barwright export` writes a CSV file for each series. Columns have the names of the view.
import subprocess

import pandas as pd

closes = {}
for symbol, asset in {"SAMPLE-A": 900001, "SAMPLE-B": 900002}.items():
    options = ["--id", str(asset), "--tf", "1W_CAL_ISO", "--from", "2025-11-17", "--out", f"{asset}.csv"]
    subprocess.run(["barwright", "export", "bars", *options], check=True)
    bars = pd.read_csv(f"{asset}.csv")
    closes[symbol] = bars.set_index(pd.to_datetime(bars["time_close"], utc=True).dt.date)["close"]

returns = pd.DataFrame(closes).pct_change().dropna().mul(100).round(2)
returns.index.name = "week"
print(returns.to_string())

# Output:
#             SAMPLE-A  SAMPLE-B
# week
# 2025-11-30     -0.82     -1.31
# 2025-12-07     -5.64      3.27
# 2025-12-14      5.41     -2.84
# 2025-12-21      2.92     30.85
# 2025-12-28     -0.16     -2.68
