# A price that was taken in is corrected: the next run finds it
#
# Write to the price table as you like, by SQL or by loading the day again; here by loading. Only rows that come out
# different are written.
export BARWRIGHT_SCHEMA=market
barwright init > init.txt
barwright asset add 1 --symbol BTC --name Bitcoin > asset.txt
barwright asset calendar 1 none > calendar.txt
cat > prices.csv << END
date,open,high,low,close,volume
2026-01-05,100,104,99,103,5000
2026-01-06,103,106,101,102,4000
2026-01-07,102,108,102,107,6000
END
barwright ingest --id 1 prices.csv > ingest.txt
barwright refresh --all --quiet
printf 'date,open,high,low,close,volume\n2026-01-06,103,106,101,105,4000\n' > corrected.csv
barwright ingest --id 1 corrected.csv > ingest.txt
barwright plan | grep ' 1 '
barwright refresh --all | grep ' 1: '

# Output:
# bars: 1 repair
#   1  repair   repair from 2026-01-06 (1 day corrected)
# emas: 1 repair
#   1  repair   follows its bars
# [OK] bars 1: repair from 2026-01-06 (1 day corrected), 10 rows
# [OK] emas 1: repair from 2026-01-06, 6 rows
