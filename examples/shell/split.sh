# A split: earlier days come in the unit of today
#
# Four new units for one old one, from 15 December on. The prices as delivered stay as they are; bars and EMAs change.
barwright asset split 900001 --on 2025-12-15 --ratio 4:1 > split.txt
barwright refresh --all --quiet
barwright export daily --id 900001 --from 2025-12-13 --to 2025-12-16 | cut -d , -f 3,8-11

# Output:
# timestamp,open,high,low,close
# 2025-12-13 23:59:59.999+00,3394.456,3435.82625,3301.0665,3320.8475
# 2025-12-14 23:59:59.999+00,3320.8475,3510.3915,3274.801,3507.43425
# 2025-12-15 23:59:59.999+00,14029.737,14063.769,13825.612,13959.987
# 2025-12-16 23:59:59.999+00,13959.987,14016.467,13598.166,13800.695
