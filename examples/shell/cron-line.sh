# A line for cron, and what it prints when all is well: nothing
#
# In the crontab, at 06:00, in the folder of db_config.env:
#
#     0 6 * * * cd "$HOME/warehouse" && barwright refresh --all --quiet --alert-on-error
#
# cron mails what is printed, so a mail is news.
mail=$(barwright refresh --all --quiet)
echo "exit $?, ${#mail} characters to mail"

# Output:
# exit 0, 0 characters to mail
