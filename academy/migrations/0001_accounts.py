import django.core.validators
import django.utils.timezone
from django.db import migrations, models

from academy.migrations._tables import Tables


class Migration(migrations.Migration):

    replaces = [
        ('academy', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        Tables(
            operations=[
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('staff_number', models.CharField(max_length=32, unique=True, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z-]{1,32}\\Z', 'A staff number has letters, digits and hyphens only.')], verbose_name='staff number')),
                        ('display_name', models.CharField(max_length=120, verbose_name='name')),
                        ('name_key', models.CharField(blank=True, db_index=True, editable=False, max_length=200)),
                        ('email', models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name='e-mail')),
                        ('language', models.CharField(blank=True, choices=[('zh-hans', 'Simplified Chinese'), ('en', 'English')], max_length=10, verbose_name='language')),
                        ('text_size', models.CharField(choices=[('normal', 'Normal text'), ('large', 'Large text'), ('largest', 'Largest text')], default='normal', max_length=10, verbose_name='text size')),
                        ('appearance', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=10, verbose_name='appearance')),
                        ('optional_notices', models.BooleanField(default=True, help_text="Off: only what is required goes out, such as due dates, exams and decisions. Everything is in your inbox here in any case.", verbose_name='optional notices by mail and messenger, too')),
                        ('is_active', models.BooleanField(default=True, help_text='Switched off, the person cannot sign in; every record stays.', verbose_name='may sign in')),
                        ('must_change_password', models.BooleanField(default=False, editable=False)),
                        ('first_password_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'person',
                        'verbose_name_plural': 'people',
                        'ordering': ['staff_number'],
                    },
                ),
            ],
        ),
    ]
