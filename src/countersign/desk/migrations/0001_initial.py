"""The first tables: keys that accounts name, who prepared a draft, one-time links."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

_ACCOUNT = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    """Makes them."""

    initial = True
    dependencies = [migrations.swappable_dependency(_ACCOUNT)]
    operations = [
        migrations.CreateModel(
            "Key",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("line", models.CharField(max_length=300)),
                ("in_browser", models.BooleanField()),
                ("named_at", models.DateTimeField(auto_now_add=True)),
                ("account", models.ForeignKey(_ACCOUNT, models.deletion.CASCADE, related_name="signing_keys")),
            ],
        ),
        migrations.CreateModel(
            "Prepared",
            [
                ("draft", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("account", models.ForeignKey(_ACCOUNT, models.deletion.CASCADE)),
            ],
        ),
        migrations.CreateModel(
            "Invitation",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("ends_at", models.DateTimeField()),
                ("account", models.OneToOneField(_ACCOUNT, models.deletion.CASCADE)),
            ],
        ),
    ]
