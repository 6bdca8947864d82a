from django.urls import path

from accounts.profile import views as profile_views
from accounts.recovery import views as recovery_views
from accounts.sign_in import reauthentication_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("login/code/", views.sign_in_code, name="login-code"),
    path("login/code/resend/", views.sign_in_resend, name="login-resend"),
    path("login/code/stay/", views.sign_in_stay, name="login-stay"),
    path("stay/", profile_views.stay, name="stay"),
    path("logout/", views.sign_out, name="logout"),
    path("recover/", recovery_views.begin, name="recover"),
    path("recover/code/", recovery_views.code, name="recover-code"),
    path("recover/code/resend/", recovery_views.resend, name="recover-resend"),
    path("recover/stay/", recovery_views.stay, name="recover-stay"),
    path("recover/answers/", recovery_views.answers, name="recover-answers"),
    path("recover/password/", recovery_views.password, name="recover-password"),
    path("recover/anew/", recovery_views.anew, name="recover-anew"),
    path("recover/done/", recovery_views.done, name="recover-done"),
    path("profile/", profile_views.profile, name="profile"),
    path("profile/password/", profile_views.password, name="password"),
    path("profile/questions/", profile_views.questions, name="questions"),
    path("profile/mobile/", profile_views.mobile, name="mobile"),
    path("profile/mobile/code/", profile_views.mobile_code, name="mobile-code"),
    path("profile/mobile/code/resend/", profile_views.mobile_resend, name="mobile-resend"),
    path("profile/email/", profile_views.email, name="email"),
    path("profile/email/<str:token>/", profile_views.email_confirm, name="email-confirm"),
    path("profile/confirm/", reauthentication_views.confirm, name="confirm"),
    path("profile/confirm/send/", reauthentication_views.send, name="confirm-send"),
    path("profile/sessions/end/", profile_views.end_sessions, name="sessions-end"),
    path("profile/sessions/<str:pk>/end/", profile_views.end_sessions, name="session-end"),
    path("profile/devices/<int:pk>/sign-out/", profile_views.sign_out_device, name="device-sign-out"),
    path("profile/data/", profile_views.data, name="data"),
]
