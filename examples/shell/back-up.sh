# Everything of the schema as plain files: a backup that any program can read
#
# "barwright db restore DIR" reads them into an empty schema, also of a newer PostgreSQL.
barwright db backup backup > backup.txt
gzip -dc backup/dim_assets.csv.gz | cut -d , -f 1-3 | head -n 4

# Output:
# id,symbol,name
# 900001,SAMPLE-A,SAMPLE Alpha
# 900002,SAMPLE-B,SAMPLE Bravo
# 900003,SAMPLE-C,SAMPLE Charlie
