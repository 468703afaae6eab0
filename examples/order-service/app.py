# -*- coding: utf-8 -*-
"""Orders of a small shop: looked up behind an API Gateway HTTP API, taken in from an SQS queue.

GET /orders?customer=ada    the customer's orders, as a page
SQS                         a batch of orders, JSON bodies

It holds two mistakes: the customer's name goes into SQL and into HTML as it came.
"""

from __future__ import print_function

import json
import sqlite3

DATABASE = sqlite3.connect(":memory:")
DATABASE.executescript("""
    CREATE TABLE orders (customer TEXT, item TEXT);
    CREATE TABLE cards (customer TEXT, number TEXT);
    INSERT INTO orders VALUES ('ada', 'gloves'), ('ada', 'visor'), ('bea', 'gambeson');
    INSERT INTO cards VALUES ('ada', '4000-0000-0000-0002'), ('bea', '4000-0000-0000-0010');
""")


def handler(event, context):
    if "Records" in event:
        return take_in(event["Records"])
    customer = (event.get("queryStringParameters") or {}).get("customer", "")
    return page("Orders of %s" % customer, orders_of(customer))


def orders_of(customer):
    # Vulnerable: "x' UNION SELECT number FROM cards --" reads another table.
    query = "SELECT item FROM orders WHERE customer = '%s'" % customer
    return [row[0] for row in DATABASE.execute(query)]


def take_in(records):
    taken = [json.loads(record["body"]) for record in records]
    print(json.dumps({"taken": [order.get("item") for order in taken]}))
    return {"batchItemFailures": [], "taken": len(taken)}


def page(title, lines):
    # Vulnerable: a title with markup in it becomes part of the page.
    body = "<h1>%s</h1><ul>%s</ul>" % (title, "".join("<li>%s</li>" % line for line in lines))
    return {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": body}
