"""The database: engine set-up for SQLite and PostgreSQL, the declarative base, transactions.

One code path serves both. What differs between them is said here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, DateTime, Engine, Integer, MetaData, Text, event
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses a naive datetime, always gives back aware UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; everything in it was UTC when it went in.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Instant = Annotated[datetime, mapped_column(UtcDateTime)]


class Integers(TypeDecorator[Any]):
    """A list of whole numbers as one value, for `is_one_of`: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class is_one_of(ColumnElement[Any]):  # noqa: N801 - reads as the operator that it is
    """`column IN numbers`, the numbers being one parameter.

    A statement with a parameter for each number would be another statement for each length, which
    both drivers parse and both databases plan anew: longer than it takes to run.
    """

    inherit_cache = True
    _traverse_internals: Any = [  # SQLAlchemy reads it for its cache of statements
        ("column", InternalTraversal.dp_clauseelement),
        ("numbers", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[int], numbers: BindParameter[Any]) -> None:
        # Not Boolean: SQLAlchemy would write "= 1" behind it for SQLite, which then uses no index.
        self.type = NullType()
        self.column, self.numbers = column, numbers


@compiles(is_one_of, "postgresql")
def _is_one_of_array(element: is_one_of, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.numbers, **kw)})"


@compiles(is_one_of, "sqlite")
def _is_one_of_json(element: is_one_of, compiler: Any, **kw: Any) -> str:
    column, numbers = compiler.process(element.column, **kw), compiler.process(element.numbers, **kw)
    return f"{column} IN (SELECT CAST(value AS INTEGER) FROM json_each({numbers}))"  # noqa: S608 - compiled parts, no values


class Base(DeclarativeBase):
    """The declarative base of every table."""

    # On `registry`, because Flask-SQLAlchemy 3.1.1 derives a base of its own and a
    # `type_annotation_map` or `metadata` beside it makes SQLAlchemy 2.1 refuse.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(render_as_batch=True)


def to_json(value: object) -> str:
    """JSON for a column: stable order, so that equal values are equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def prepare_engine(engine: Engine) -> None:
    """Make SQLite keep every update, and PostgreSQL plan a statement once and not each time.

    SQLAlchemy's defaults lose updates on SQLite: the driver begins a transaction only at the
    first write, so two that read first both win. Here every transaction begins at once
    (IMMEDIATE), or is marked read-only by the execution option `read_only`.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _plan_once)
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; see _begin
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten, and not only let go

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


def _plan_once(connection: Any, _record: object) -> None:
    # Every statement here is found by an index whatever its values are. The driver prepares what it
    # sends often, and planning the ranking's two statements afresh would take longer than running them.
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.commit()


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any error, refuses to nest.

    What it yields is a plain session. Attributes are not reloaded after the commit, so
    nothing read here reopens a transaction later.
    """
    with Session(db.engine, expire_on_commit=False) as session, _alone(), session.begin():
        yield session


@contextmanager
def reading(*, one_moment: bool = False) -> Iterator[Connection]:
    """A read-only transaction on a plain connection: it takes no write lock and keeps nothing.

    Args:
        one_moment: Whether every statement in it sees the database as the first one did. SQLite always
            reads so; on PostgreSQL each statement otherwise sees what was committed meanwhile.
    """
    options: dict[str, Any] = {"read_only": True}
    if one_moment and db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with db.engine.connect().execution_options(**options) as connection:
        yield connection


_MARK = "custodyfinder.transaction"


@contextmanager
def _alone() -> Iterator[None]:
    from flask import g

    if _MARK in g:
        raise RuntimeError("a transaction is open already: one public function of a service is one transaction")
    setattr(g, _MARK, True)
    try:
        yield
    finally:
        g.pop(_MARK)


def transaction_is_open() -> bool:
    """Whether this application context is inside `transaction()`: for the promise made in `outbox`."""
    from flask import g

    return _MARK in g
