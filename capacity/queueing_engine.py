"""One replication of a laboratory's months, request by request, compiled to machine code.

All is in whole numbers: days, ticks of a hundredth of a minute, and shares of 2 ** 30. Draws are a function of seed,
replication, request and step, so that they do not depend on the order in which things happen, and two scenarios with
one seed differ by what was changed alone. There is no logarithm and no sum of fractions here: the same plan and seed
give the same counts on any machine.

A day runs so. In the morning of a working day, requests whose delay is over begin their next step, batches that are due
start, and people first take up what they left the evening before, then what waits: by priority, and within it in the
order in which it came to the role. Then arrivals and finished work follow in the order of the clock. Who finishes
takes what waits; what is not finished in the evening is taken up in the morning. Work is never put aside for a higher
priority.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capacity.compiling import compiled, compiled_apart, compiled_to_call
from capacity.laboratory_plan import PRIORITIES

Whole = NDArray[np.int64]
Small = NDArray[np.int32]

#: Ticks a minute, shares of one arrival, and shares of one day of delay and of one of a factor.
TICKS = 100
ARRIVAL = 1 << 30
PART_BITS = 10

#: What is counted by month and category, in this order, and by month and role.
COUNTS = ("received", "due", "reported", "reported_in_standard", "open", "overdue")
RECEIVED, DUE_COUNT, REPORTED, IN_STANDARD, OPEN, OVERDUE = range(len(COUNTS))
ROLE_COUNTS = ("worked_ticks", "available_ticks", "waiting")
WORKED, AVAILABLE, WAITING = range(len(ROLE_COUNTS))
#: Shares of requests whose days are told, in percent; days from DAYS_KEPT - 1 are told as none.
PERCENTS = (50, 90, 95)
DAYS_KEPT = 1_096
NOT_TOLD = -1

#: What is known of a request, in 32 bytes: where there are many it is memory that takes time.
#: left: ticks of work to do; while somebody does it, the tick at which it ends, or that of arrival; the day since which
#: it waits for a batch. next: of the list in which it is. who: at work on it, WHOLE_DAY or PART_OF_DAY; ARRIVING.
REQUEST = np.dtype(
    [("key", "u8")]
    + [(name, "i4") for name in ("left", "next", "clock_start", "due")]
    + [(name, "i2") for name in ("step", "category", "received_month", "who")]
)
WHOLE_DAY, PART_OF_DAY, ARRIVING = np.int64(0), np.int64(1), np.int64(2)
BEFORE, NOT_STARTED, NOBODY, GONE = np.int64(-1), np.int64(-(1 << 30)), np.int64(-1), np.int64(-1)

#: The columns of the other tables. Those of a batch begin with the seven weekdays.
FIRST_STEP, CLOCK_STEP, PRIORITY = range(3)
ROLE, BATCH, WORK_TABLE, DELAY_TABLE, IS_WORKING_DELAY, FIRST_DRAW = range(6)
MONTH, WEEKDAY, IS_WORKING, WORKING_INDEX, NTH_WORKING, NEXT_WORKING, LENGTH = range(7)
PEOPLE, DAY_END, PART_END = range(3)
LEAST, LONGEST = 7, 8
FIRST, LAST, SIZE = range(3)
# Of one type with what they are compared with, so that nothing is compiled twice.
AT_BEGINNING, AFTER_BATCH, AT_WORKS_END = np.int64(0), np.int64(1), np.int64(2)
MORNING, NONE, GAP_DRAW = np.int64(0), np.int64(0), np.int64(0)
TO_ARRIVE, DRAWN, OPEN_NOW, OVERDUE_NOW = range(4)
FRESH, TICK_BITS = range(2)

#: A day has at most so many slots, each of 2 ** TICK_BITS ticks.
SLOTS = 1 << 11
#: Requests that can be followed, so that they take a quarter of a GiB at most.
MOST_REQUESTS = 1 << 23

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
SHIFT_30, SHIFT_27, SHIFT_31 = np.uint64(30), np.uint64(27), np.uint64(31)


class Tables(NamedTuple):
    """A plan as arrays. Days count from the plan's start; a step's number is its own among all steps of all paths."""

    categories: Whole  # FIRST_STEP, CLOCK_STEP, PRIORITY; one row more, with the end of the last path
    steps: Whole  # ROLE, BATCH and DELAY_TABLE (NOBODY where there is none), WORK_TABLE, IS_WORKING_DELAY; FIRST_DRAW,
    # the number of its draw of work, which that of delay follows
    calendar: Whole  # by day, and one more: MONTH, WEEKDAY, IS_WORKING; WORKING_INDEX, the working days before it;
    # NTH_WORKING, the working day of that number; NEXT_WORKING, the first from it on; LENGTH, the tick until which
    # requests arrive. Days beyond the plan are its number of days.
    staff: Whole  # by day and role: PEOPLE who work a whole day, its last tick, and that of who works a part of it
    batches: Whole  # 1 on the weekdays on which it starts; LEAST, 0 where not given; LONGEST, below 0 where not given
    due_day: Whole  # by day on which the clock starts and category
    hazard: Whole  # by day and category: arrivals expected, in shares of ARRIVAL
    work: Small  # ticks, by table and place
    delay: Small  # shares of a day, by table and place
    gaps: Whole  # between arrivals, in shares of ARRIVAL, by place
    demand: Whole  # factors, in shares of 1 << PART_BITS, by place
    waiting: Whole  # requests open at the start: category, step, day of clock start, due day


class Laboratory(NamedTuple):
    """Where everything stands within a replication, and what was counted."""

    requests: NDArray[np.void]
    lists: Small  # FIRST, LAST, SIZE: delays by day, batches, left by role, queues by role and priority, free places
    slots: (
        Small  # FIRST and LAST of the events in each slot of today, as a list of requests by tick; NOBODY where empty
    )
    numbers: Whole  # FRESH: the first place that was never used; TICK_BITS: of a slot
    idle: Whole  # by role: people without work who work the whole day, and a part of it
    ready: Whole  # by role: a bit for each priority of which something waits
    standing: Whole  # by category: TO_ARRIVE until the next arrival, gaps DRAWN, OPEN_NOW, OVERDUE_NOW
    open_due: Small  # by day and category: open requests that fall due on it
    counts: Whole
    role_counts: Whole
    taken: Small  # reported requests by month of receipt, category and days
    youngest: Whole  # by month of receipt and category, and all together: the days of the last to come of those open


def laboratory(tables: Tables, room: int, counts: Whole, role_counts: Whole) -> Laboratory:
    """A laboratory without requests, with room for so many at once."""
    days, categories = tables.hazard.shape
    roles, months = tables.staff.shape[1], counts.shape[0]
    lists = days + len(tables.batches) + roles * (1 + PRIORITIES) + 1
    longest = int(tables.calendar[:, LENGTH].max())
    tick_bits = max(longest.bit_length() - SLOTS.bit_length() + 1, 0)
    return Laboratory(
        requests=np.empty(room, REQUEST),
        lists=np.zeros((lists, 3), np.int32),
        slots=np.full(((longest >> tick_bits) + 1, 2), NOBODY, np.int32),
        numbers=np.array([0, tick_bits], np.int64),
        idle=np.zeros((roles, 2), np.int64),
        ready=np.zeros(roles, np.int64),
        standing=np.zeros((categories, 4), np.int64),
        open_due=np.zeros((days, categories), np.int32),
        counts=counts,
        role_counts=role_counts,
        taken=np.zeros((months, categories, DAYS_KEPT), np.int32),
        youngest=np.full((months, categories + 1), DAYS_KEPT, np.int64),
    )


# Draws --------------------------------------------------------------------------------------------------------------
@compiled
def mixed(x):
    """64 bits that look random (Steele, Lea and Flood 2014, OOPSLA: SplitMix64, with Stafford's constants)."""
    x = (x ^ (x >> SHIFT_30)) * MIX_1
    x = (x ^ (x >> SHIFT_27)) * MIX_2
    return x ^ (x >> SHIFT_31)


@compiled
def drawn_from(key, number):
    """The draw of a number from a key."""
    return mixed(key + GOLDEN * np.uint64(number + 1))


@compiled
def place_in(table, draw):
    """A value of a table, from the first ten bits of a draw."""
    return table[np.int64(draw >> np.uint64(54))]


@compiled
def request_key(replication, category, number):
    """The key of a category's nth request; those that wait at the start count as a category after the last."""
    return drawn_from(replication, (category << 32) + number)


@compiled
def work_of(lab, tables, who):
    """Ticks of work that a request asks for in the step in which it is."""
    request = lab.requests[who]
    step = np.int64(request.step)
    draw = drawn_from(request.key, tables.steps[step, FIRST_DRAW])
    return place_in(tables.work[tables.steps[step, WORK_TABLE]], draw)


@compiled
def delay_of(lab, tables, who):
    """Whole days of delay after the step in which a request is: a fraction is the chance of one more."""
    request = lab.requests[who]
    step = np.int64(request.step)
    table = tables.steps[step, DELAY_TABLE]
    if table == NOBODY:
        return NONE
    draw = drawn_from(request.key, tables.steps[step, FIRST_DRAW] + 1)
    chance = np.int64(draw & np.uint64((1 << PART_BITS) - 1))
    return (np.int64(place_in(tables.delay[table], draw)) + chance) >> PART_BITS


# Lists of requests --------------------------------------------------------------------------------------------------
@compiled
def append(lab, which, who):
    """Put a request at the end of a list."""
    lab.requests[who].next = NOBODY
    if lab.lists[which, SIZE] == 0:
        lab.lists[which, FIRST] = who
    else:
        lab.requests[np.int64(lab.lists[which, LAST])].next = who
    lab.lists[which, LAST] = who
    lab.lists[which, SIZE] += 1


@compiled
def take_first(lab, which):
    """Take the first request from a list that is not empty."""
    who = np.int64(lab.lists[which, FIRST])
    lab.lists[which, FIRST] = lab.requests[who].next
    lab.lists[which, SIZE] -= 1
    return who


@compiled
def put_first(lab, which, who):
    """Put a request before all others of a list that nothing is put at the end of."""
    lab.requests[who].next = lab.lists[which, FIRST]
    lab.lists[which, FIRST] = who
    lab.lists[which, SIZE] += 1


@compiled
def free_list(lab):
    """The list of places whose requests are gone; the one used last is used next, while it is at hand."""
    return lab.lists.shape[0] - 1


@compiled
def batch_list(tables, batch):
    """The list of a batch; those of delays come first, one for each day."""
    return tables.hazard.shape[0] + batch


@compiled
def left_list(tables, role):
    """The list of what a role left unfinished."""
    return tables.hazard.shape[0] + tables.batches.shape[0] + role


@compiled
def queue_list(tables, role, priority):
    """The list of what waits for a role with a priority."""
    roles = tables.staff.shape[1]
    return left_list(tables, roles) + role * PRIORITIES + priority


# Events of a day ----------------------------------------------------------------------------------------------------
@compiled
def add_event(lab, tick, who):
    """Something happens with a request at a tick of today; of what happens at one tick, first what was known first."""
    slot = tick >> lab.numbers[TICK_BITS]
    first, last = np.int64(lab.slots[slot, FIRST]), np.int64(lab.slots[slot, LAST])
    lab.requests[who].left = tick
    if first == NOBODY:
        lab.requests[who].next = NOBODY
        lab.slots[slot, FIRST] = who
        lab.slots[slot, LAST] = who
    elif lab.requests[last].left <= tick:
        lab.requests[who].next = NOBODY
        lab.requests[last].next = who
        lab.slots[slot, LAST] = who
    elif lab.requests[first].left > tick:
        lab.requests[who].next = first
        lab.slots[slot, FIRST] = who
    else:
        following = np.int64(lab.requests[first].next)
        while lab.requests[following].left <= tick:
            first = following
            following = np.int64(lab.requests[first].next)
        lab.requests[who].next = following
        lab.requests[first].next = who


# The path of a request ----------------------------------------------------------------------------------------------
@compiled
def go_on(lab, tables, who, day, stands):
    """Take a request from where it stands in its step to where it has to wait. Returns the role for which it waits."""
    category = np.int64(lab.requests[who].category)
    while True:
        step = np.int64(lab.requests[who].step)
        if stands == AT_WORKS_END:
            if finish_step(lab, tables, who, day):
                return NOBODY
            stands, step = AT_BEGINNING, step + 1
        if step == tables.categories[category + 1, FIRST_STEP]:
            report(lab, tables, who, day)
            return NOBODY
        if stands == AT_BEGINNING:
            if step == tables.categories[category, CLOCK_STEP] and lab.requests[who].clock_start == NOT_STARTED:
                start_clock(lab, tables, who, day)
            if tables.steps[step, BATCH] != NOBODY:
                lab.requests[who].left = day
                append(lab, batch_list(tables, tables.steps[step, BATCH]), who)
                return NOBODY
        if tables.steps[step, ROLE] != NOBODY:
            return join_queue(lab, tables, who)
        stands = AT_WORKS_END


@compiled
def join_queue(lab, tables, who):
    """Wait for the role whose work the step is."""
    priority = tables.categories[np.int64(lab.requests[who].category), PRIORITY]
    role = tables.steps[np.int64(lab.requests[who].step), ROLE]
    lab.requests[who].left = work_of(lab, tables, who)
    append(lab, queue_list(tables, role, priority), who)
    lab.ready[role] |= 1 << priority
    return role


@compiled
def finish_step(lab, tables, who, day):
    """The work of a step is done: the next one begins now, or in a morning to come. Returns whether it is to come."""
    step = np.int64(lab.requests[who].step)
    days = delay_of(lab, tables, who)
    lab.requests[who].step = step + 1
    if days == 0:
        return False
    last = tables.hazard.shape[0]
    if tables.steps[step, IS_WORKING_DELAY] == 1:
        until = tables.calendar[min(tables.calendar[day, WORKING_INDEX] + days, last), NTH_WORKING]
    else:
        until = tables.calendar[min(day + days, last), NEXT_WORKING]
    if until < last:
        append(lab, until, who)
    return True


@compiled
def start_clock(lab, tables, who, day):
    """From today the standard counts."""
    category = np.int64(lab.requests[who].category)
    due = tables.due_day[day, category]
    lab.requests[who].clock_start = day
    lab.requests[who].due = due
    expect(lab, tables, category, due)


@compiled
def expect(lab, tables, category, due):
    """Count a request among those that fall due on a day."""
    if due < 0:
        lab.standing[category, OVERDUE_NOW] += 1
    elif due < tables.hazard.shape[0]:
        lab.counts[tables.calendar[due, MONTH], category, DUE_COUNT] += 1
        lab.open_due[due, category] += 1


@compiled
def report(lab, tables, who, day):
    """The request is answered."""
    request = lab.requests[who]
    category, due = np.int64(request.category), np.int64(request.due)
    lab.counts[tables.calendar[day, MONTH], category, REPORTED] += 1
    lab.standing[category, OPEN_NOW] -= 1
    if due < day:
        lab.standing[category, OVERDUE_NOW] -= 1
    elif due < tables.hazard.shape[0]:
        lab.counts[tables.calendar[due, MONTH], category, IN_STANDARD] += 1
        lab.open_due[due, category] -= 1
    received = np.int64(request.received_month)
    if received != BEFORE:
        days = min(day - np.int64(request.clock_start), DAYS_KEPT - 1)
        lab.taken[received, category, days] += 1
    lab.requests[who].step = GONE
    put_first(lab, free_list(lab), who)


@compiled
def receive(lab, tables, category, key, month):
    """A request comes in. Returns it; NOBODY where there is no more room."""
    if lab.lists[free_list(lab), SIZE] > 0:
        who = take_first(lab, free_list(lab))
    else:
        who = lab.numbers[FRESH]
        if who == lab.requests.shape[0]:
            return NOBODY
        lab.numbers[FRESH] += 1
    request = lab.requests[who]
    request.key = key
    request.category = category
    request.step = tables.categories[category, FIRST_STEP]
    request.received_month = month
    request.clock_start = NOT_STARTED
    lab.standing[category, OPEN_NOW] += 1
    return who


# People -------------------------------------------------------------------------------------------------------------
@compiled
def dispatch(lab, tables, role, day, tick):
    """Whoever is free takes what waits, the highest priority first."""
    priority = NONE
    while lab.ready[role] != 0:
        whose, end = WHOLE_DAY, tables.staff[day, role, DAY_END]
        if lab.idle[role, 0] == 0 or tick >= end:
            whose, end = PART_OF_DAY, tables.staff[day, role, PART_END]
            if lab.idle[role, 1] == 0 or tick >= end:
                return
        while (lab.ready[role] >> priority) & 1 == 0:
            priority += 1
        queue = queue_list(tables, role, priority)
        who = take_first(lab, queue)
        if lab.lists[queue, SIZE] == 0:
            lab.ready[role] ^= 1 << priority
        start(lab, tables, role, who, day, tick, end, whose)


@compiled
def start(lab, tables, role, who, day, tick, end, whose):
    """A person takes up work: until it is finished, or until their day ends."""
    lab.idle[role, whose] -= 1
    work = np.int64(lab.requests[who].left)
    done = min(work, end - tick)
    lab.role_counts[tables.calendar[day, MONTH], role, WORKED] += done
    if done < work:
        lab.requests[who].left = work - done
        append(lab, left_list(tables, role), who)
    else:
        lab.requests[who].who = whose
        add_event(lab, tick + done, who)


@compiled
def take_up_what_was_left(lab, tables, role, day):
    """In the morning, before anything else. What is begun goes on before what there are too few people for."""
    which = left_list(tables, role)
    who, last, held = np.int64(lab.lists[which, FIRST]), lab.lists[which, LAST], np.int64(lab.lists[which, SIZE])
    lab.lists[which, SIZE] = 0
    while held > 0:
        whose = WHOLE_DAY if lab.idle[role, 0] > 0 else PART_OF_DAY
        if lab.idle[role, whose] == 0:
            stay_left(lab, which, who, last, held)
            return
        end = tables.staff[day, role, PART_END if whose == PART_OF_DAY else DAY_END]
        following = np.int64(lab.requests[who].next)
        start(lab, tables, role, who, day, MORNING, end, whose)
        who, held = following, held - 1


@compiled
def stay_left(lab, which, first, last, count):
    """Put requests that hang together already at the end of a list."""
    if lab.lists[which, SIZE] == 0:
        lab.lists[which, FIRST] = first
    else:
        lab.requests[np.int64(lab.lists[which, LAST])].next = first
    lab.lists[which, LAST] = last
    lab.lists[which, SIZE] += count


# A day --------------------------------------------------------------------------------------------------------------
@compiled_apart
def come_to_work(lab, tables, day):
    """Who is in today."""
    for role in range(tables.staff.shape[1]):
        people, end, part_end = (
            tables.staff[day, role, PEOPLE],
            tables.staff[day, role, DAY_END],
            tables.staff[day, role, PART_END],
        )
        lab.idle[role, 0] = people if end > 0 else 0
        lab.idle[role, 1] = 1 if part_end > 0 else 0
        lab.role_counts[tables.calendar[day, MONTH], role, AVAILABLE] += people * end + part_end


@compiled_apart
def end_delays(lab, tables, day):
    """Requests whose delay is over begin their next step."""
    while lab.lists[day, SIZE] > 0:
        go_on(lab, tables, take_first(lab, day), day, AT_BEGINNING)


@compiled_apart
def start_batches(lab, tables, day):
    """Batches for which the time has come take all that wait for them."""
    for batch in range(tables.batches.shape[0]):
        which = batch_list(tables, batch)
        waiting = np.int64(lab.lists[which, SIZE])
        if waiting == 0:
            continue
        least, longest = tables.batches[batch, LEAST], tables.batches[batch, LONGEST]
        waited = day - lab.requests[np.int64(lab.lists[which, FIRST])].left
        if (
            tables.batches[batch, tables.calendar[day, WEEKDAY]] == 1
            or (least > 0 and waiting >= least)
            or (longest >= 0 and waited >= longest)
        ):
            for _ in range(waiting):
                go_on(lab, tables, take_first(lab, which), day, AFTER_BATCH)


@compiled_apart
def expect_arrivals(lab, tables, replication, factor, day):
    """Arrivals of today: a Poisson process, even through the day. Returns whether there was room for all of them."""
    length, month = tables.calendar[day, LENGTH], tables.calendar[day, MONTH]
    for category in range(tables.hazard.shape[1]):
        today = (tables.hazard[day, category] * factor) >> PART_BITS
        if today == 0:
            continue
        reached = lab.standing[category, TO_ARRIVE]
        while reached < today:
            key = request_key(replication, category, lab.standing[category, DRAWN] - 1)
            who = receive(lab, tables, category, key, month)
            if who == NOBODY:
                return False
            lab.requests[who].who = ARRIVING
            lab.counts[month, category, RECEIVED] += 1
            add_event(lab, reached * length // today, who)
            reached += next_gap(lab, tables, replication, category)
        lab.standing[category, TO_ARRIVE] = reached - today
    return True


@compiled
def next_gap(lab, tables, replication, category):
    """The gap before a category's next arrival."""
    key = request_key(replication, category, lab.standing[category, DRAWN])
    lab.standing[category, DRAWN] += 1
    draw = drawn_from(key, GAP_DRAW)
    return tables.gaps[np.int64(draw >> np.uint64(50))]


@compiled_apart
def work_through(lab, tables, day):
    """What happens today, in the order of the clock."""
    for slot in range(lab.slots.shape[0]):
        while lab.slots[slot, FIRST] != NOBODY:
            who = np.int64(lab.slots[slot, FIRST])
            request = lab.requests[who]
            lab.slots[slot, FIRST] = request.next
            tick, freed, stands = np.int64(request.left), NOBODY, AT_BEGINNING
            if request.who != ARRIVING:
                freed, stands = tables.steps[np.int64(request.step), ROLE], AT_WORKS_END
                lab.idle[freed, np.int64(request.who)] += 1
            joined = go_on(lab, tables, who, day, stands)
            for role in (freed, joined):
                if role != NOBODY:
                    dispatch(lab, tables, role, day, tick)


@compiled_apart
def end_day(lab, tables, day):
    """What fell due today and is open is overdue; at a month's end, count what stands."""
    for category in range(tables.hazard.shape[1]):
        lab.standing[category, OVERDUE_NOW] += lab.open_due[day, category]
    month = tables.calendar[day, MONTH]
    if tables.calendar[day + 1, MONTH] == month:
        return
    for category in range(tables.hazard.shape[1]):
        lab.counts[month, category, OPEN] = lab.standing[category, OPEN_NOW]
        lab.counts[month, category, OVERDUE] = lab.standing[category, OVERDUE_NOW]
    for role in range(tables.staff.shape[1]):
        waiting = np.int64(lab.lists[left_list(tables, role), SIZE])
        for priority in range(PRIORITIES):
            waiting += lab.lists[queue_list(tables, role, priority), SIZE]
        lab.role_counts[month, role, WAITING] = waiting


# A replication ------------------------------------------------------------------------------------------------------
@compiled_apart
def take_over(lab, tables, replication):
    """Requests open at the start wait at their steps, in the order given; they move on the first working morning.

    Who stands in a step that is a delay alone began it the evening before, weekend or not.
    """
    first, days = tables.calendar[0, NEXT_WORKING], tables.hazard.shape[0]
    for row in range(tables.waiting.shape[0]):
        category, step = tables.waiting[row, 0], tables.waiting[row, 1]
        who = receive(lab, tables, category, request_key(replication, tables.hazard.shape[1], row), BEFORE)
        lab.requests[who].step = step
        if step >= tables.categories[category, CLOCK_STEP]:
            lab.requests[who].clock_start = tables.waiting[row, 2]
            lab.requests[who].due = tables.waiting[row, 3]
            expect(lab, tables, category, tables.waiting[row, 3])
        until = first
        if tables.steps[step, ROLE] == NOBODY and tables.steps[step, BATCH] == NOBODY:
            until = over_from_the_eve(lab, tables, who, first)
            lab.requests[who].step = step + 1
        if until < days:
            append(lab, until, who)


@compiled
def over_from_the_eve(lab, tables, who, first):
    """The morning on which a delay is over that began in the evening before the plan."""
    delayed, last = delay_of(lab, tables, who), tables.hazard.shape[0]
    if delayed == 0:
        return first
    day = min(delayed - 1, last)
    if tables.steps[np.int64(lab.requests[who].step), IS_WORKING_DELAY] == 1:
        return tables.calendar[day, NTH_WORKING]
    return tables.calendar[day, NEXT_WORKING]


@compiled_to_call
def run_replication(lab, tables, seed, number, taken_days):
    """Fill in the counts and days of one replication. Returns whether the room for open requests was enough.

    lab: as `laboratory` gives it. taken_days: by month of receipt, category and all together, and PERCENTS.
    """
    replication = drawn_from(mixed(np.uint64(seed)), number)
    factor = place_in(tables.demand, mixed(replication))
    take_over(lab, tables, replication)
    for category in range(tables.hazard.shape[1]):
        lab.standing[category, TO_ARRIVE] = next_gap(lab, tables, replication, category)
    for day in range(tables.hazard.shape[0]):
        if tables.calendar[day, IS_WORKING] == 1 and not work_day(lab, tables, replication, factor, day):
            return False
        end_day(lab, tables, day)
    find_youngest_open(lab, tables)
    tell_days(lab, taken_days)
    return True


@compiled_apart
def work_day(lab, tables, replication, factor, day):
    """A working day. Returns whether there was room for all who arrived."""
    come_to_work(lab, tables, day)
    end_delays(lab, tables, day)
    start_batches(lab, tables, day)
    for role in range(tables.staff.shape[1]):
        take_up_what_was_left(lab, tables, role, day)
        dispatch(lab, tables, role, day, MORNING)
    if not expect_arrivals(lab, tables, replication, factor, day):
        return False
    work_through(lab, tables, day)
    return True


@compiled_apart
def find_youngest_open(lab, tables):
    """The days so far of what is open at the end and came last, by month of receipt and category."""
    together = tables.hazard.shape[1]
    for who in range(lab.numbers[FRESH]):
        request = lab.requests[who]
        month, category = np.int64(request.received_month), np.int64(request.category)
        if request.step != GONE and month != BEFORE:
            clock_start = np.int64(request.clock_start)
            age = tables.hazard.shape[0] - 1 - clock_start if clock_start != NOT_STARTED else 0
            lab.youngest[month, category] = min(lab.youngest[month, category], age)
            lab.youngest[month, together] = min(lab.youngest[month, together], age)


@compiled_apart
def tell_days(lab, taken_days):
    """The days by which a share of those received in a month were answered, where the plan's end leaves no doubt."""
    together = lab.counts.shape[1]
    for month in range(lab.counts.shape[0]):
        all_received = NONE
        for category in range(together):
            received = lab.counts[month, category, RECEIVED]
            all_received += received
            tell_percents(lab, month, category, category, category + 1, received, taken_days)
        tell_percents(lab, month, together, NONE, together, all_received, taken_days)


@compiled
def tell_percents(lab, month, row, first, end, received, taken_days):
    """The first day by which so many of a hundred of the categories from the first to before the end were answered;
    none where an open request could still change it."""
    days, reached = 0, answered_after(lab, month, first, end, 0)
    for place in range(taken_days.shape[2]):
        taken_days[month, row, place] = NOT_TOLD
        needed = (received * PERCENTS[place] + 99) // 100
        while reached < needed and days < DAYS_KEPT - 1:
            days += 1
            reached += answered_after(lab, month, first, end, days)
        if received > 0 and reached >= needed and days < min(lab.youngest[month, row], DAYS_KEPT - 1):
            taken_days[month, row, place] = days


@compiled
def answered_after(lab, month, first, end, days):
    """Requests of some categories that were answered so many days after their clock started."""
    found = NONE
    for category in range(first, end):
        found += lab.taken[month, category, days]
    return found
