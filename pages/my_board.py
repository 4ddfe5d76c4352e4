"""My board: exact figures of the reader's own health board: what is overdue, where it waits, whether it gets better."""

import streamlit as st

from ui import my_board_show as show
from ui import my_board_words as words
from ui.access import Role
from ui.guard import page

ctx = page(Role.BOARD_MANAGER)
st.title("My board")
board = show.open_board(ctx)
name = show.name_of(board)
st.warning(words.exact(name))

view = show.choose(ctx.snapshot, board)
shown = show.worked(board, view)
show.answers(ctx.snapshot, shown)
show.stuck(ctx.snapshot, name, shown)
show.better(ctx.snapshot, name, shown)
show.every_month(ctx, board, view, shown)
show.rare(ctx.snapshot, name, view, shown)
show.work_list(ctx, board, view, shown)
