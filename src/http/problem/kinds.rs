//! THE table of problems: code, status, and the titles in both languages.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use domain::language::Language;
use domain::refusal::{RefusalClass, RefusalCode};
use strum::VariantArray;

use super::Said;

/// A kind of problem; its code is stable, and its address is `/problems/<code with dashes>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Lower snake case.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The title in Chinese.
    pub chinese: &'static str,
    /// The title in English.
    pub english: &'static str,
}

impl Kind {
    /// The address of the kind.
    pub fn address(&self) -> String {
        format!("/problems/{}", self.code.replace('_', "-"))
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The kind of a reason for which the domain refuses.
    pub fn of_refusal(code: RefusalCode) -> Self {
        if code == RefusalCode::InvalidFields {
            return INVALID_FIELDS;
        }
        Self {
            code: code.into(),
            status: match code.class() {
                RefusalClass::State => 409,
                RefusalClass::Right => 403,
                RefusalClass::Fields => 422,
            },
            chinese: code.text(Language::Chinese),
            english: code.text(Language::English),
        }
    }
}

const fn kind(code: &'static str, status: u16, chinese: &'static str, english: &'static str) -> Kind {
    Kind { code, status, chinese, english }
}

pub const BAD_REQUEST: Kind = kind("bad_request", 400, "请求有误", "The request is wrong");
pub const UNREADABLE_JSON: Kind =
    kind("unreadable_json", 400, "请求体不是有效的 JSON", "The body is not readable JSON");
pub const BAD_PARAMETER: Kind = kind("bad_parameter", 400, "查询参数有误", "A query parameter is wrong");
pub const BAD_HEADER: Kind = kind("bad_header", 400, "请求头有误", "A request header is wrong");
pub const PURPOSE_REQUIRED: Kind = kind(
    "purpose_required",
    400,
    "须以 purpose 参数说明查阅目的",
    "State what the reading is for, in the parameter `purpose`",
);
pub const NOT_SIGNED_IN: Kind =
    kind("not_signed_in", 401, "尚未登录或登录已失效", "Not signed in, or no longer");
pub const WRONG_CREDENTIALS: Kind =
    kind("wrong_credentials", 401, "用户名或密码错误", "Wrong user name or password");
pub const WRONG_SECOND_FACTOR: Kind =
    kind("wrong_second_factor", 401, "验证码错误或已使用", "The code is wrong, or was used already");
pub const SINGLE_SIGN_ON_FAILED: Kind = kind(
    "single_sign_on_failed",
    401,
    "统一身份认证未通过或已过期，请重新登录",
    "The single sign-on did not hold, or took too long; begin again",
);
pub const NO_ACCOUNT: Kind = kind(
    "no_account",
    403,
    "统一身份认证的用户在本系统没有可用账号，请与安全管理员联系",
    "No active account belongs to this user of single sign-on; ask a security administrator",
);
pub const SINGLE_SIGN_ON_OFF: Kind =
    kind("single_sign_on_off", 404, "本系统未启用统一身份认证", "Single sign-on is not set up here");
pub const PROVIDER_AWAY: Kind = kind(
    "provider_away",
    503,
    "统一身份认证服务暂不可用，可用密码登录",
    "The provider of single sign-on is not available for now; a password is",
);
pub const PASSWORD_EXPIRED: Kind = kind(
    "password_expired",
    403,
    "密码已到期，请先更换密码再登录",
    "The password has expired; change it, then sign in",
);
pub const FORBIDDEN: Kind = kind("forbidden", 403, "无权进行此操作", "This is not yours to do");
pub const NOT_A_DEPUTY: Kind =
    kind("not_a_deputy", 403, "您目前不是该用户的代理人", "You do not stand in for this user now");
pub const SECOND_FACTOR_REQUIRED: Kind = kind(
    "second_factor_required",
    403,
    "该用户的角色或职责须使用动态口令登录，请绑定动态口令后重新登录",
    "This user's role or duties sign in with a second factor; set one up, and sign in with it",
);
pub const NOT_FOUND: Kind = kind("not_found", 404, "未找到", "Not found");
pub const ERASED: Kind = kind(
    "erased",
    410,
    "保管期限届满，内容已依法销毁",
    "What this said was destroyed after the retention term",
);
pub const METHOD_NOT_ALLOWED: Kind =
    kind("method_not_allowed", 405, "此地址不支持该方法", "The address does not take this method");
pub const BODY_TOO_SLOW: Kind = kind("body_too_slow", 408, "请求体发送过慢", "The body came too slowly");
pub const CONFLICT: Kind = kind("conflict", 409, "与现有数据冲突", "In conflict with what is there");
pub const STILL_RUNNING: Kind = kind(
    "still_running",
    409,
    "同一幂等键的请求正在处理",
    "A request with this idempotency key is still running",
);
pub const SECOND_FACTOR_ENROLLED: Kind = kind(
    "second_factor_enrolled",
    409,
    "已绑定动态口令，请出示验证码",
    "An authenticator is set up already; show its code",
);
pub const SECOND_FACTOR_NOT_ENROLLED: Kind = kind(
    "second_factor_not_enrolled",
    409,
    "尚未绑定动态口令",
    "No authenticator is set up, nor has setting one up begun",
);
pub const ALREADY_DELEGATED: Kind = kind(
    "already_delegated",
    409,
    "该时段已有对同一人的委托，请先终止",
    "This deputy has duties handed over for that time already; end that first",
);
pub const ERASURE_PROPOSED: Kind = kind(
    "erasure_proposed",
    409,
    "已有待决定的销毁申请",
    "A proposal to destroy the data of this case waits to be decided",
);
pub const ERASURE_INCOMPLETE: Kind = kind(
    "erasure_incomplete",
    409,
    "本件由早期版本登记，内容未加密，无法销毁",
    "An earlier version filed this accusation, and what its journal says is not sealed, so it cannot be destroyed",
);
pub const ERASURE_NOT_INDEPENDENT: Kind = kind(
    "erasure_not_independent",
    403,
    "提出人已不再担任系统管理员，或者提出人、决定人的账号在近30日内新增、变更或者重置过；请由其他人提出或者决定",
    "Whoever proposed it is no system administrator any more, or one of the two accounts was made, changed or reset in the \
     last 30 days: let others propose or decide",
);
pub const ERASURE_DECIDED: Kind =
    kind("erasure_decided", 409, "销毁申请已经决定", "The proposal to destroy is decided already");
pub const NOT_YET_PROVABLE: Kind = kind(
    "not_yet_provable",
    409,
    "尚无包含该事件的检查点，请稍后再试",
    "No checkpoint has the event yet; ask again in a minute",
);
pub const VERSION_LOST: Kind =
    kind("version_lost", 412, "数据已被他人更新", "Somebody else has changed it since");
pub const BODY_TOO_LARGE: Kind = kind("body_too_large", 413, "请求体过大", "The body is too large");
pub const WRONG_MEDIA_TYPE: Kind =
    kind("wrong_media_type", 415, "不支持的内容类型", "The content type is not supported");
pub const INVALID_FIELDS: Kind = kind("invalid_fields", 422, "字段有误", "Fields are wrong");
pub const KEY_REUSED: Kind =
    kind("key_reused", 422, "幂等键已用于其他请求", "The idempotency key was used for another request");
pub const VERSION_REQUIRED: Kind = kind("version_required", 428, "须提供 If-Match", "If-Match is required");
pub const TOO_MANY_REQUESTS: Kind = kind("too_many_requests", 429, "请求过于频繁", "Too many requests");
pub const SIGN_IN_LOCKED: Kind = kind(
    "sign_in_locked",
    429,
    "登录失败次数过多，暂不能登录",
    "Too many failed sign-ins; the account is locked for a while",
);
pub const INTERNAL: Kind = kind("internal", 500, "系统内部错误", "Something went wrong here");
pub const UNAVAILABLE: Kind =
    kind("unavailable", 503, "服务暂不可用", "The service is not available for now");

/// Every kind that the shell itself knows; the domain's refusals have their own table.
pub const KINDS: &[Kind] = &[
    BAD_REQUEST,
    UNREADABLE_JSON,
    BAD_PARAMETER,
    BAD_HEADER,
    PURPOSE_REQUIRED,
    NOT_SIGNED_IN,
    WRONG_CREDENTIALS,
    WRONG_SECOND_FACTOR,
    SINGLE_SIGN_ON_FAILED,
    FORBIDDEN,
    NO_ACCOUNT,
    NOT_A_DEPUTY,
    SECOND_FACTOR_REQUIRED,
    PASSWORD_EXPIRED,
    NOT_FOUND,
    SINGLE_SIGN_ON_OFF,
    ERASED,
    METHOD_NOT_ALLOWED,
    BODY_TOO_SLOW,
    CONFLICT,
    STILL_RUNNING,
    SECOND_FACTOR_ENROLLED,
    SECOND_FACTOR_NOT_ENROLLED,
    ALREADY_DELEGATED,
    ERASURE_PROPOSED,
    ERASURE_INCOMPLETE,
    ERASURE_NOT_INDEPENDENT,
    ERASURE_DECIDED,
    NOT_YET_PROVABLE,
    VERSION_LOST,
    BODY_TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID_FIELDS,
    KEY_REUSED,
    VERSION_REQUIRED,
    TOO_MANY_REQUESTS,
    SIGN_IN_LOCKED,
    INTERNAL,
    UNAVAILABLE,
    PROVIDER_AWAY,
];

/// Every kind of problem, the domain's refusals among them.
pub fn all() -> impl Iterator<Item = Kind> {
    let refusals = RefusalCode::VARIANTS.iter().filter(|code| **code != RefusalCode::InvalidFields);
    KINDS.iter().copied().chain(refusals.map(|code| Kind::of_refusal(*code)))
}

/// The kind that stands for a status which something outside our handlers has chosen.
pub fn for_status(status: StatusCode) -> Kind {
    let first = KINDS.iter().find(|kind| kind.status == status.as_u16());
    first.copied().unwrap_or(if status.is_server_error() { INTERNAL } else { BAD_REQUEST })
}

/// What is said about a field, by its code; `english` is what the parser said.
pub fn field_text(code: &str, english: impl Into<Cow<'static, str>>) -> Said {
    let chinese = match code {
        "unknown_field" => "没有这个字段",
        "unknown_parameter" => "没有这个查询参数",
        "missing_field" => "缺少必填字段",
        "missing_parameter" => "缺少必填的查询参数",
        "duplicate_field" => "字段重复",
        "wrong_type" => "数据类型不符",
        "unknown_value" => "取值不在允许范围内",
        "unknown_redirect_uri" => "不是本系统配置的回跳地址",
        "password_too_short" => "密码至少十个字符",
        "password_too_weak" => "密码过于容易被猜到，几个互不相干的词更好",
        "password_used_before" => "不得与最近五个密码相同",
        "password_too_long" => "密码过长",
        "password_is_username" => "密码不得与用户名相同",
        "password_unchanged" => "新密码不得与原密码相同",
        "wrong_password" => "密码不正确",
        "wrong_code" => "验证码错误或已使用",
        _ => "字段的值不符合要求",
    };
    Said::new(chinese, english)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_statuses_are_errors() {
        let kinds: Vec<Kind> = all().collect();
        for (place, kind) in kinds.iter().enumerate() {
            assert!(kinds.iter().skip(place + 1).all(|other| other.code != kind.code), "{} twice", kind.code);
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{}", kind.code);
            assert!(!kind.chinese.is_empty() && !kind.english.is_empty(), "{} has no title", kind.code);
        }
    }
}
