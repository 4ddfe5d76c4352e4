"""Administration: is the audit trail whole, who looked at what, what was refused, and which releases are kept."""

import datetime as dt

import streamlit as st

from ui import administration_show
from ui.access import Role
from ui.data import audit_trail, held_releases
from ui.guard import page, release_line

ctx = page(Role.ADMINISTRATOR)
st.title("Administration")
st.markdown(f"Can the records be trusted, what was looked at, and who was turned away? {release_line(ctx)}")

today = dt.datetime.now(dt.UTC).date()
seen = audit_trail(ctx.reader, today - dt.timedelta(days=administration_show.DAYS - 1))
if seen is None:
    administration_show.nothing_recorded()
else:
    administration_show.chain(seen)
    administration_show.use(seen, today)
    administration_show.refused(seen)
administration_show.releases(held_releases(ctx.reader))
