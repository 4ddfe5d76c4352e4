"""My board: exact figures of the reader's own health board: what is overdue, where it waits, whether it gets better."""

import streamlit as st

from ui import board_paper_show, my_board_sections
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
my_board_sections.trust(ctx, board, view)
my_board_sections.contents()
paper = st.container()
my_board_sections.sides(board, shown)
my_board_sections.categories(ctx.snapshot, board, name, shown)
show.stuck(ctx.snapshot, name, shown)
my_board_sections.oldest(ctx.snapshot, shown)
show.better(ctx.snapshot, name, shown)
show.every_month(ctx, board, view, shown)
show.rare(ctx.snapshot, name, view, shown)
my_board_sections.specialties(ctx, board, view, shown)
my_board_sections.tests(ctx, board, view, shown)
beside = my_board_sections.like(ctx, board, view)
show.work_list(ctx, board, view, shown)
with paper:
    board_paper_show.offer(ctx, board, view, shown, beside)
