"""Create the app's table. Depends on no app of Oscar, because a shop may have forked them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import orderguard_oscar.models


def nothing(apps: Any, schema_editor: Any) -> None:
    """Do nothing forwards: Django itself creates the content type."""


def forget_content_type(apps: Any, schema_editor: Any) -> None:
    """Delete the content type backwards, because Django keeps that of a deleted table."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    ContentType.objects.using(schema_editor.connection.alias).filter(
        app_label="orderguard_oscar"
    ).delete()


class Migration(migrations.Migration):
    """Creates the table `OfferedBasket`."""

    initial = True
    dependencies = [("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.CreateModel(
            name="OfferedBasket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("basket_id", models.BigIntegerField(null=True, unique=True)),
                (
                    "cart",
                    models.CharField(
                        default=orderguard_oscar.models.new_cart_id, max_length=40, unique=True
                    ),
                ),
                ("asked", models.CharField(blank=True, default="", max_length=64)),
                ("asked_at", models.DateTimeField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("choice", models.JSONField(null=True)),
                ("shown", models.JSONField(null=True)),
                ("is_emptied", models.BooleanField(default=False)),
                ("notice", models.CharField(blank=True, default="", max_length=32)),
                ("tax_included", models.BooleanField(null=True)),
                ("order_number", models.CharField(max_length=128, null=True, unique=True)),
                ("is_due", models.BooleanField(db_index=True, default=False)),
                ("version", models.PositiveIntegerField(default=0)),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                ("looked_at", models.DateTimeField(null=True)),
                ("is_deleted", models.BooleanField(default=False)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("refused", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name": "offered basket",
                "verbose_name_plural": "offered baskets",
                "default_permissions": (),
            },
        ),
        migrations.RunPython(nothing, forget_content_type),
    ]  # fmt: skip
