"""The questions to choose from: memorable, stable, not in any registry (OWASP, Choosing and Using Security Questions)."""

from django.db import migrations

QUESTIONS = [
    "نام نخستین آموزگار شما چه بود؟",
    "نام دوست دوران کودکی شما چیست؟",
    "نخستین سفر به‌یادماندنی شما به کجا بود؟",
    "نام نخستین مدرسه‌ای که به یاد دارید چیست؟",
    "نام خانوادگی آموزگار ریاضی پایهٔ هشتم (دوم راهنمایی) شما چه بود؟",
    "نام نخستین اسباب‌بازی که به یاد دارید چیست؟",
    "نام کوچک مربی رانندگی شما چه بود؟",
    "نام نخستین همکار نزدیک شما چه بود؟",
]


def add(apps, schema_editor):
    question = apps.get_model("accounts", "SecurityQuestion")
    for position, text in enumerate(QUESTIONS, start=1):
        question.objects.get_or_create(text=text, defaults={"position": position})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
