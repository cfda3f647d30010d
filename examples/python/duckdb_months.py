# DuckDB: months of an asset from an exported file
#
# The zone of the session decides which day a time is. Set it to UTC once.
import subprocess

import duckdb

options = ["--id", "900002", "--from", "2025-09-01", "--out", "days.csv"]
subprocess.run(["barwright", "export", "daily", *options], check=True)

duckdb.sql("set timezone = 'UTC'")
months = duckdb.sql("""
  select strftime(timestamp, '%Y-%m') as month, count(*) as days, arg_min(open, timestamp) as open,
    max(high) as high, min(low) as low, arg_max(close, timestamp) as close
  from read_csv('days.csv', types = {'timestamp': 'timestamptz'})
  group by month order by month""")
for month in months.fetchall():
    print(*month)

# Output:
# 2025-09 30 45.586467 56.914451 42.452145 52.988639
# 2025-10 31 52.988639 58.09171 43.470148 47.575812
# 2025-11 30 47.575812 53.236415 45.201077 46.395011
# 2025-12 31 46.395011 63.135886 39.26776 60.260499
