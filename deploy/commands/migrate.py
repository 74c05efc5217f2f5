"""`pulse migrate`: brings the ClickHouse schema up to date, or says what that would take."""

from pathlib import Path

import click

from deploy.options import cluster_option, data_option, database_option, server_option


@click.command()
@data_option
@server_option()
@database_option
@cluster_option
@click.option("--dry-run", is_flag=True, help="Only say what would be applied.")
def command(data: Path, url: str | None, database: str, cluster: str, *, dry_run: bool) -> None:
    from clickhouse.engine import connect, open_embedded  # noqa: PLC0415  (the engine takes a second to import)
    from clickhouse.migrate import Layout, migrate_database  # noqa: PLC0415

    with connect(url) if url else open_embedded(data / "clickhouse") as engine:
        steps = migrate_database(engine, database, Layout(cluster), dry_run=dry_run)
    for step in steps:
        click.echo(f"{'would apply' if dry_run else 'applied'} {step}")
    if not steps:
        click.echo("the schema is up to date")
