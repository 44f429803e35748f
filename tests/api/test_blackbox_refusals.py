from tests.api.conftest import problem


def test_a_cancellation_names_the_package_and_the_delivery_in_the_way(client):
    order = client.order()
    path = f"orders/{order['number']}"
    delivery = client.post(f"{path}/deliveries/", {"carrier_account": "manual"}).json()
    client.move(f"deliveries/{delivery['id']}", "DELIVERY_PICK_UP_OK")
    body = problem(client.post(f"{path}/transitions/", {"to": 99}), 409, "package_left")
    assert {(record["type"], record["code"]) for record in body["blocking"]} == {
        ("package", "package_left"),
        ("delivery", "picked_up"),
    }
