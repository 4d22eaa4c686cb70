"""What must be in the reports of the example `examples/shop`: rows, and sums that agree. No share and no time, but what a fault makes sure of."""

import json
import pathlib
import re
import sys

ROUTES = [
    "GET /products/{id}",
    "GET /customers/{email}",
    "GET /orders/{customer}",
    "POST /orders/{customer}/{product}",
    "POST /payments/{order}",
]


class Report:
    def __init__(self, path):
        self.snapshot = json.loads(pathlib.Path(path).read_text())
        self.functions = self.snapshot["functions"]
        for function in self.functions:
            by_callers = sum(caller["calls"] for caller in function["callers"])
            of_waits = function["timing"] == "waits"
            assert by_callers == function["timed_calls" if of_waits else "calls"], (function["name"], by_callers)

    def rows(self, kind):
        return [function for function in self.functions if function["kind"] == kind]

    def row(self, kind, name):
        found = [function for function in self.rows(kind) if function["name"] == name]
        assert len(found) == 1, (kind, name, [function["name"] for function in self.rows(kind)])
        return found[0]

    def calls(self, kind, name):
        return self.row(kind, name)["calls"]

    def statements(self):
        """Those that requests run: the tables are made by others, in one transaction."""
        return [row for row in self.rows("query") if row["name"].startswith(("SELECT", "INSERT INTO orders"))]


def mean(row):
    return row["sum_ns"] / row["calls"]


def pair(fault, requests, before, after):
    sides = [Report(before), Report(after)]
    for side in sides:
        # Each query has waited for a connection, and each request left a line.
        assert side.calls("query", "pool shop") == sum(row["calls"] for row in side.statements())
        assert sum(row["calls"] for row in side.rows("request")) == requests
        assert side.calls("function", "shop::access_log::add") == requests
        assert side.calls("lock", "access log") >= requests
    before, after = sides
    if fault == "n+1":
        assert before.calls("query", "SELECT name FROM products WHERE id = ?") == 20 * requests
    elif fault == "index":
        name = "SELECT id, name FROM customers WHERE email = ?"
        assert mean(before.row("query", name)) > 3 * mean(after.row("query", name))
    elif fault == "lock":
        for side in sides:
            sent = side.calls("channel", "parcels (send)")
            inserted = [row["calls"] for row in side.statements() if row["name"].startswith("INSERT INTO orders")]
            assert [sent] + inserted == [requests] * 2, (sent, inserted)
            # The last wait brings no parcel; it is none if the senders have gone before.
            assert side.calls("channel", "parcels (receive)") - requests in (0, 1)
            assert side.calls("function", "shop::parcels::pack") == requests
            assert side.calls("lock", "stock") == side.calls("hold", "stock (held)") == requests
    elif fault == "unbuffered":
        writes = [side.row("io", "access log: write") for side in sides]
        assert writes[0]["transfer"]["bytes"] == writes[1]["transfer"]["bytes"] > 0
        assert writes[0]["calls"] == requests and writes[1]["calls"] < requests / 100
    elif fault == "blocking":
        # The payment service takes 20 ms.
        assert before.row("future", "shop::orders::pay")["futures"]["longest_poll_ns"] >= 20_000_000


def driven(folder):
    folder = pathlib.Path(folder)
    report = Report(folder / "driven.json")
    sent = int(re.search(r"(\d+) requests in", (folder / "wrk.out").read_text()).group(1))
    assert "Non-2xx" not in (folder / "wrk.out").read_text(), (folder / "wrk.out").read_text()
    # wrk leaves while its last requests are under way: at most one for each of its connections.
    near = lambda number, other: abs(number - other) <= 16
    routes = [report.calls("request", name) for name in ROUTES]
    assert all(routes) and near(sum(routes), sent), (routes, sent)
    for row in report.rows("request"):
        statuses = row["statuses"]
        assert statuses["client_errors"] == statuses["server_errors"] == row["transfer"]["failed"] == 0, row["name"]
    orders = report.calls("request", "POST /orders/{customer}/{product}")
    statements = report.statements()
    # Of each, sqlx says how many rows it returned.
    assert all(row["rows"]["results"] == row["calls"] for row in statements), statements
    inserted = sum(row["calls"] for row in statements if row["name"].startswith("INSERT INTO orders"))
    assert near(inserted, orders), (inserted, orders)
    assert near(report.calls("query", "pool shop"), sum(row["calls"] for row in statements))
    sends, receives = report.calls("channel", "parcels (send)"), report.calls("channel", "parcels (receive)")
    assert near(sends, orders) and near(receives, sends), (orders, sends, receives)
    assert receives - report.calls("function", "shop::parcels::pack") in (0, 1)
    assert near(report.calls("lock", "stock"), orders)
    assert report.calls("hold", "stock (held)") == report.calls("lock", "stock")
    assert near(report.calls("function", "shop::access_log::add"), sum(routes))
    write = report.row("io", "access log: write")
    assert write["transfer"]["bytes"] > 20 * report.calls("function", "shop::access_log::add"), write
    catalogue = [resource for resource in report.snapshot["resources"] if resource["name"] == "catalogue"]
    # It is three seconds old at most, and wrk takes ten.
    assert catalogue[0]["evictions"] >= 1 and catalogue[0]["initialisations"] >= 2, catalogue
    # As others see it: `top` while it ran, `serve` after wrk had left, the table at the end.
    names = ROUTES + ["pool shop", "SELECT id, name FROM customers WHERE email = ?", "stock", "parcels (receive)", "access log: write"]
    served = Report(folder / "served.json")
    metrics, table, top = ((folder / name).read_text() for name in ["metrics", "driven.txt", "top.out"])
    for name in names:
        assert any(function["name"] == name for function in served.functions), name
        assert f'function="{name}"' in metrics, name
        assert name in table, name
    for name in ["GET /customers/{email}", "pool shop", "SELECT id, name FROM customers WHERE email = ?"]:
        assert name in top, (name, top)
    calls = re.search(r'perf_function_calls_total\{[^}]*function="GET /products/\{id\}"[^\n]*\} (\d+)', metrics)
    assert near(int(calls.group(1)), report.calls("request", "GET /products/{id}")), calls.group(0)


if __name__ == "__main__":
    if sys.argv[1] == "pair":
        pair(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
    else:
        driven(sys.argv[2])
