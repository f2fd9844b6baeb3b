"""Someone hears of it: mails about faxes, and all other mails on their way out."""
