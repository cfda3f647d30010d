# Load a file of prices, then a file with the next day
#
# Prices of the market have a schema of their own, apart from samples. A new day costs a few rows, however long the
# history is. "none" is the calendar of an asset that gets no new days; leave that line out for one that does.
export BARWRIGHT_SCHEMA=market
barwright init > init.txt
barwright asset add 1 --symbol BTC --name Bitcoin > asset.txt
barwright asset calendar 1 none > calendar.txt
cat > first.csv << END
date,open,high,low,close,volume
2026-01-05,100,104,99,103,5000
2026-01-06,103,106,101,102,4000
END
barwright ingest --id 1 first.csv > ingest.txt
barwright refresh --all | grep ' 1: '
printf 'date,open,high,low,close,volume\n2026-01-07,102,108,102,107,6000\n' > next.csv
barwright ingest --id 1 next.csv > ingest.txt
barwright refresh --all | grep ' 1: '
barwright export daily --id 1 | cut -d , -f 2-3,8-11

# Output:
# [OK] bars 1: first build: 2 days (2026-01-05 to 2026-01-06), 10 rows
# [OK] emas 1: first build: up to 2026-01-06, 6 rows
# [OK] bars 1: append 1 day (2026-01-07), 15 rows
# [OK] emas 1: append 1 day (after 2026-01-06 up to 2026-01-07), 12 rows
# bar_seq,timestamp,open,high,low,close
# 1,2026-01-05 23:59:59.999+00,100,104,99,103
# 2,2026-01-06 23:59:59.999+00,103,106,101,102
# 3,2026-01-07 23:59:59.999+00,102,108,102,107
