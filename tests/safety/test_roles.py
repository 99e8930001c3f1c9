"""Nobody makes an administrator of themselves, and the last one stays."""

from __future__ import annotations

import threading

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from tracker import db
from tracker.codebook import Role
from tracker.models import User
from visiting import PASSWORD, Somebody, account, send


def administrators(ledger: Engine) -> int:
    with db.reading(ledger) as session:
        return len(list(session.scalars(select(User.id).where(User.role == Role.ADMIN, User.active))))


@pytest.mark.parametrize("role", ["reader", "analyst", "reviewer"])
def test_Z6_nobody_but_an_administrator_changes_roles(somebody: Somebody, ledger: Engine, role: str) -> None:
    client = somebody(role)
    with db.reading(ledger) as session:
        mine = session.scalars(select(User.id).where(User.email == f"{role}@example.org")).one()
    token = client.get("/desk/me/").text
    values = {"email": f"{role}@example.org", "role": "admin", "active": "y", "name": "新管理员"}
    for address in (f"/desk/account/edit/?id={mine}", "/desk/account/new/"):
        assert send(client, address, values, token).status_code == 403
    for address in ("/desk/me/password/", "/desk/me/app/"):
        send(client, address, values | {"password": PASSWORD, "new_password": PASSWORD, "again": PASSWORD}, token)
    assert administrators(ledger) == 1


@pytest.mark.parametrize(
    "change", ["role = 'analyst'", "active = false", "password = NULL", "role = 'reader', active = false"]
)
def test_Z6_the_database_keeps_the_last_administrator(app: object, ledger: Engine, change: str) -> None:
    with pytest.raises(DBAPIError, match="last administrator"), ledger.begin() as connection:
        connection.execute(text(f"UPDATE \"user\" SET {change} WHERE role = 'admin'"))
    assert app
    assert administrators(ledger) == 1


def test_Z6_one_of_two_administrators_may_go(app: object, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        account(session, "第二管理员", Role.ADMIN)
    with ledger.begin() as connection:
        connection.execute(text("UPDATE \"user\" SET role = 'reader' WHERE name = '第二管理员'"))
    assert app
    assert administrators(ledger) == 1


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_Z6_two_administrators_who_demote_each_other_at_once_leave_one(app: object, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试") as session:
        account(session, "第二管理员", Role.ADMIN)
        first, second = session.scalars(select(User.id).where(User.role == Role.ADMIN).order_by(User.id))
    refused: list[str] = []

    def demote(connection: Connection, user: int) -> None:
        connection.execute(text("UPDATE \"user\" SET role = 'reader' WHERE id = :id"), {"id": user})

    def second_one() -> None:
        try:
            with ledger.begin() as connection:
                demote(connection, first)
        except DBAPIError as error:
            refused.append(str(error))

    with ledger.begin() as connection:
        demote(connection, second)
        other = threading.Thread(target=second_one)
        other.start()
        other.join(0.5)
        assert other.is_alive(), "waits for the one that came first"
    other.join(10)
    assert "last administrator" in refused[0]
    assert app
    assert administrators(ledger) == 1


def test_Z6_the_desk_says_that_the_last_administrator_stays(admin: FlaskClient, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        mine = session.scalars(select(User.id).where(User.role == Role.ADMIN)).one()
    values = {"email": "admin@example.org", "role": "reader", "active": "y"}
    assert "最后一个可登录的管理员" in send(admin, f"/desk/account/edit/?id={mine}", values).text
    assert administrators(ledger) == 1
