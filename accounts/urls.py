from django.urls import path

from accounts import recovery_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("login/code/", views.sign_in_code, name="login-code"),
    path("login/code/resend/", views.sign_in_resend, name="login-resend"),
    path("logout/", views.sign_out, name="logout"),
    path("recover/", recovery_views.begin, name="recover"),
    path("recover/code/", recovery_views.code, name="recover-code"),
    path("recover/code/resend/", recovery_views.resend, name="recover-resend"),
    path("recover/answers/", recovery_views.answers, name="recover-answers"),
    path("recover/password/", recovery_views.password, name="recover-password"),
    path("recover/done/", recovery_views.done, name="recover-done"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
]
