"""The demo data: two shops and what happened to their orders during the last days.

past.py       plays stories in the order of time, with the clock set to each moment
floor.py      one shop and everybody who works on its orders: the verbs of the stories
setting.py    shops, stores, people who log in, carrier accounts, keys
pretend.py    the carriers of those days: the simulator's own parcels, without the wire
catalogue.py  what is sold      people.py  who buys
story_*.py    what happens to an order, told as generators that yield how long nothing happens
cast.py       how many of which story, and when they begin
"""
