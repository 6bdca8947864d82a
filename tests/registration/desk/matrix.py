"""Every address of the desk and its verbs: what is posted there, and what each role is answered (test_roles)."""

from tests.people import national_code

YES, NO, GONE, SIGN_IN = "yes", "no", "gone", "sign in"
WHO = ("clerk", "supervisor", "province", "head-office", "auditor", "none", "former", "citizen")
ALL_READ = (YES, YES, YES, YES, YES, NO, SIGN_IN, SIGN_IN)
DECIDERS = (YES, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
CONFIRMERS = (NO, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
HEAD_OFFICE = (NO, NO, NO, YES, NO, NO, SIGN_IN, SIGN_IN)
AUDIT = (NO, NO, NO, YES, YES, NO, SIGN_IN, SIGN_IN)
NOBODY = (NO, NO, NO, NO, NO, NO, SIGN_IN, SIGN_IN)
ANYBODY = (YES, YES, YES, YES, YES, YES, SIGN_IN, SIGN_IN)
STAFF_READ = (NO, YES, YES, YES, YES, NO, SIGN_IN, SIGN_IN)
STAFF_MADE = (NO, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
STAFF_MOVED = (NO, NO, YES, YES, NO, NO, SIGN_IN, SIGN_IN)  # a supervisor has one branch and makes one role
NOTHING = (GONE, GONE, GONE, GONE, GONE, GONE, SIGN_IN, SIGN_IN)
REJECTED = {"reason": "mobile", "details": ""}
BRANCH = {"code": "1", "name": "شعبهٔ هفت", "province": "تهران", "city": "تهران", "address": "", "phone": ""}
WHY = {"reason": "جابه‌جا شد"}
REASON = {"reason": "other", "details": "تلفنی گفت", "version": "0", "is_staff": "on", "mobile": "+989970077777"}
INVITED = {"national_code": national_code(650), "first_name": "نرگس", "last_name": "بهرامی", "role": "clerk"}
INVITED |= {"branch": "1001"}
SERVICE = {"name_fa": "درمان", "name_en": "Health", "address": "https://health.example/", "sector": "health"}
SERVICE |= {"auth_method": "client_secret_basic", "redirect_uris": "https://health.example/back"}
SERVICE |= {"id_token_alg": "RS256", "lowest_acr": "1"}
QUESTION = {"text": "نام نخستین مدرسهٔ شما چه بود؟", "position": "90"}

# Name of the pattern, verb, what is posted → what each of WHO is answered.
MATRIX: dict[tuple[str, str], tuple[dict[str, str], tuple[str, ...]]] = {
    ("index", "get"): ({}, ANYBODY),
    ("registration_registrationrequest_changelist", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_find", "post"): ({"q": "محمدی"}, ALL_READ),
    ("registration_registrationrequest_change", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_change", "post"): ({"first_name": "x"}, NOBODY),
    ("registration_registrationrequest_history", "get"): ({}, ANYBODY),  # leads to the record, which asks
    ("registration_registrationrequest_add", "get"): ({}, NOBODY),
    ("registration_registrationrequest_delete", "post"): ({"post": "yes"}, NOBODY),
    ("registration_registrationrequest_activate", "post"): ({"documents_seen": "1", "no_code": "no_signal"}, DECIDERS),
    ("registration_registrationrequest_correct", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_correct", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_take", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_handback", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_note", "post"): ({"words": "دوباره می‌آید"}, DECIDERS),
    ("registration_registrationrequest_code", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_code", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_askagain", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_sendagain", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_handover", "post"): ({"to": "1"}, DECIDERS),
    ("registration_registrationrequest_withdraw", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_withdraw", "post"): ({"reason": "again", "details": ""}, DECIDERS),
    ("registration_registrationrequest_bulk", "post"): ({"pk": "1"}, DECIDERS),
    ("registration_registrationrequest_bulkactivate", "post"): ({"pk": "1", "documents_seen": "1"}, DECIDERS),
    ("registration_registrationrequest_reach", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_reach", "post"): ({"reason": "here", "details": ""}, ALL_READ),
    ("registration_registrationrequest_told", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_reject", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_reject", "post"): (REJECTED, DECIDERS),
    ("accounts_branch_changelist", "get"): ({}, ALL_READ),
    ("accounts_branch_change", "get"): ({}, ALL_READ),
    ("accounts_branch_change", "post"): (BRANCH, HEAD_OFFICE),
    ("accounts_branch_add", "get"): ({}, HEAD_OFFICE),
    ("accounts_branch_add", "post"): ({**BRANCH, "code": "8"}, HEAD_OFFICE),
    ("accounts_branch_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_branch_history", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_changelist", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_change", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_change", "post"): (QUESTION, HEAD_OFFICE),
    ("accounts_securityquestion_add", "get"): ({}, HEAD_OFFICE),
    ("accounts_securityquestion_add", "post"): ({**QUESTION, "text": "نام نخستین کتاب شما چه بود؟"}, HEAD_OFFICE),
    ("accounts_securityquestion_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_securityquestion_history", "get"): ({}, ALL_READ),
    ("accounts_staffevent_changelist", "get"): ({}, AUDIT),
    ("accounts_staffevent_change", "get"): ({}, AUDIT),
    ("accounts_staffevent_change", "post"): ({"kind": "role"}, NOBODY),
    ("accounts_staffevent_add", "get"): ({}, NOBODY),
    ("accounts_staffevent_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_staffevent_history", "get"): ({}, AUDIT),
    ("staff", "get"): ({}, STAFF_READ),
    ("staff-find", "post"): ({"q": "محمدی"}, STAFF_READ),
    ("staff-member", "get"): ({}, STAFF_READ),
    ("staff-invite", "get"): ({}, STAFF_MADE),
    ("staff-invite", "post"): (INVITED, STAFF_MADE),
    ("staff-new-code", "get"): ({}, STAFF_MADE),
    ("staff-new-code", "post"): ({}, STAFF_MADE),
    ("staff-branch", "get"): ({}, STAFF_MOVED),
    ("staff-branch", "post"): ({"branch": "1002"}, STAFF_MOVED),
    ("staff-role", "get"): ({}, STAFF_MOVED),
    ("staff-role", "post"): ({"role": "supervisor", "reason": "نفر دوم"}, STAFF_MOVED),
    ("staff-end-session", "get"): ({}, STAFF_MADE),
    ("staff-end-session", "post"): (WHY, STAFF_MADE),
    ("staff-reset-factor", "get"): ({}, STAFF_MADE),
    ("staff-reset-factor", "post"): (WHY, STAFF_MADE),
    ("staff-deactivate", "get"): ({}, STAFF_MADE),
    ("staff-deactivate", "post"): (WHY, STAFF_MADE),
    ("staff-reactivate", "get"): ({}, STAFF_MADE),
    ("staff-reactivate", "post"): ({}, STAFF_MADE),
    ("looks", "get"): ({}, STAFF_READ),
    ("looks-find", "post"): ({"what": "all"}, STAFF_READ),
    ("looks-idle", "get"): ({}, STAFF_READ),
    ("recovery-codes", "get"): ({}, ANYBODY),
    ("recovery-codes", "post"): ({}, ANYBODY),  # one's own
    ("sso_service_changelist", "get"): ({}, AUDIT),
    ("sso_service_change", "get"): ({}, AUDIT),
    ("sso_service_change", "post"): (SERVICE, HEAD_OFFICE),
    ("sso_service_add", "get"): ({}, HEAD_OFFICE),
    ("sso_service_add", "post"): (SERVICE, HEAD_OFFICE),
    ("sso_service_delete", "post"): ({"post": "yes"}, NOBODY),
    ("sso_service_history", "get"): ({}, AUDIT),
    ("sso_service_opened", "post"): ({}, HEAD_OFFICE),
    ("sso_service_tested", "post"): ({}, HEAD_OFFICE),
    ("sso_service_closed", "post"): ({}, HEAD_OFFICE),
    ("sso_service_secret", "post"): ({}, HEAD_OFFICE),
    ("sso_serviceevent_changelist", "get"): ({}, AUDIT),
    ("sso_serviceevent_change", "get"): ({}, AUDIT),
    ("sso_serviceevent_change", "post"): ({"detail": "x"}, NOBODY),
    ("sso_serviceevent_add", "get"): ({}, NOBODY),
    ("sso_serviceevent_delete", "post"): ({"post": "yes"}, NOBODY),
    ("sso_serviceevent_history", "get"): ({}, AUDIT),
    ("accounts_user_changelist", "get"): ({}, ALL_READ),
    ("accounts_user_find", "post"): ({"q": "محمدی"}, ALL_READ),
    ("accounts_user_change", "get"): ({}, ALL_READ),
    ("accounts_user_change", "post"): ({"mobile": "+989970077777", "is_active": ""}, NOBODY),
    ("accounts_user_history", "get"): ({}, ANYBODY),  # leads to the record, which asks
    ("accounts_user_add", "get"): ({}, NOBODY),
    ("accounts_user_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_user_lock", "get"): ({}, DECIDERS),
    ("accounts_user_lock", "post"): (REASON, DECIDERS),
    ("accounts_user_unlock", "get"): ({}, DECIDERS),
    ("accounts_user_unlock", "post"): (REASON, DECIDERS),
    ("accounts_user_sessions", "get"): ({}, DECIDERS),
    ("accounts_user_sessions", "post"): (REASON, DECIDERS),
    ("accounts_user_recovery", "get"): ({}, DECIDERS),
    ("accounts_user_recovery", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_close", "get"): ({}, DECIDERS),
    ("accounts_user_close", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_death", "get"): ({}, DECIDERS),
    ("accounts_user_death", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_reopen", "get"): ({}, CONFIRMERS),
    ("accounts_user_reopen", "post"): ({**REASON, "documents": "passport"}, CONFIRMERS),
    ("accounts_user_mobile", "get"): ({}, DECIDERS),
    ("accounts_user_mobile", "post"): ({}, DECIDERS),
    ("accounts_user_mobilecode", "get"): ({}, DECIDERS),  # leads back: no code is under way
    ("accounts_user_mobilecode", "post"): ({"code": "123456"}, DECIDERS),
    ("autocomplete", "get"): ({}, NOTHING),
}
LEAVE = (  # posts that change no row, but for events; the last one of an account without an app
    *("askagain", "handover", "bulk", "bulkactivate", "find", "reach", "correct", "take", "handback", "note", "told"),
    *("unlock", "reopen", "mobile", "mobilecode", "recovery-codes"),
    *("opened", "tested"),  # without what was seen of the service
)
PATHS = {
    "handback": "hand-back",
    "askagain": "ask-again",
    "sendagain": "send-again",
    "handover": "hand-over",
    "bulkactivate": "bulk/activate",
    "mobilecode": "mobile/code",
}
# For everybody, or led elsewhere: they show no row.
OTHERS = {"login", "login-code", "logout", "password_change", "password_change_done", "jsi18n", "app_list"}
OTHERS |= {"enrol", "enrol-password", "enrol-app", "fresh-code"}
OTHERS |= {"view_on_site", ""}  # for objects with a page of their own, of which there is none; the end of the list
