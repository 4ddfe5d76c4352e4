"""What screens share: the one data gateway, charts, tables, filters, words and theme."""
