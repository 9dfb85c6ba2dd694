from __future__ import annotations

import socket

import pytest

from lab.machines import network


def test_a_block_is_claimed_by_one_lab_at_a_time():
    first = network.claim()
    try:
        number = int(first.block.split(".")[1])
        with pytest.raises(network.NoNetwork, match="none of the blocks"):
            network.claim(iter([number]))
    finally:
        first.release()
    network.claim(iter([number])).release()


def test_a_block_with_a_port_in_use_is_passed_over():
    free = network.claim()
    free.release()
    number = int(free.block.split(".")[1])
    with socket.create_server((f"{free.block}.101.3", 8080)), pytest.raises(network.NoNetwork):
        network.claim(iter([number]))


def test_a_port_held_on_all_addresses_is_named_with_the_way_out(monkeypatch):
    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        port = everywhere.getsockname()[1]
        monkeypatch.setattr(network, "PORTS", (port,))
        with pytest.raises(network.NoNetwork, match=rf"port {port} is held on all addresses.*ss -ltnp sport = :{port}"):
            network.claim()
