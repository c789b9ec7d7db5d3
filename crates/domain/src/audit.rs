//! What the audit trail records besides the journals of cases (GB/T 22239 level 3, 8.1.4.3).

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// An act that is recorded, done or refused.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditedAct {
    #[strum(props(zh = "登录", en = "Sign in"))]
    SignIn,
    #[strum(props(zh = "退出", en = "Sign out"))]
    SignOut,
    /// A refresh token came twice: it was copied, and its session was ended.
    #[strum(props(zh = "刷新令牌被重复使用", en = "A refresh token came twice"))]
    ReuseRefreshToken,
    #[strum(props(zh = "结束会话", en = "End a session"))]
    EndSession,
    #[strum(props(zh = "更换令牌签名密钥", en = "Rotate the key of access tokens"))]
    RotateTokenKey,
    #[strum(props(zh = "修改本人密码", en = "Change one's password"))]
    ChangePassword,
    /// The password was right, and a second factor is asked for.
    #[strum(props(zh = "等待动态口令", en = "Ask for a second factor"))]
    AskSecondFactor,
    #[strum(props(zh = "开始绑定动态口令", en = "Begin to set up a second factor"))]
    BeginSecondFactor,
    #[strum(props(zh = "绑定动态口令", en = "Set up a second factor"))]
    EnrolSecondFactor,
    #[strum(props(zh = "解除动态口令", en = "Remove one's second factor"))]
    RemoveSecondFactor,
    #[strum(props(zh = "更换恢复码", en = "Renew one's recovery codes"))]
    RenewRecoveryCodes,
    #[strum(props(zh = "重置动态口令", en = "Reset a second factor"))]
    ResetSecondFactor,
    #[strum(props(zh = "新增账号", en = "Add an account"))]
    AddAccount,
    #[strum(props(zh = "变更账号", en = "Change an account"))]
    UpdateAccount,
    #[strum(props(zh = "重置密码", en = "Reset a password"))]
    ResetPassword,
    #[strum(props(zh = "解锁账号", en = "Unlock an account"))]
    UnlockAccount,
    /// At the first sign-in at a provider.
    #[strum(props(zh = "本人关联统一身份认证", en = "Link one's account to single sign-on"))]
    LinkOwnAccount,
    #[strum(props(zh = "关联统一身份认证", en = "Link an account to single sign-on"))]
    LinkAccount,
    #[strum(props(zh = "解除统一身份认证关联", en = "Unlink an account from single sign-on"))]
    UnlinkAccount,
    #[strum(props(zh = "委托代理", en = "Hand duties to a deputy"))]
    GiveDelegation,
    #[strum(props(zh = "终止代理", en = "End a delegation"))]
    EndDelegation,
    #[strum(props(zh = "提出销毁个人信息", en = "Propose to destroy personal data"))]
    ProposeErasure,
    #[strum(props(zh = "决定是否销毁个人信息", en = "Decide on destroying personal data"))]
    DecideErasure,
    #[strum(props(zh = "新增机构", en = "Add an organ"))]
    AddOrganisation,
    #[strum(props(zh = "变更机构", en = "Change an organ"))]
    UpdateOrganisation,
    #[strum(props(zh = "新增区划", en = "Add a region"))]
    AddRegion,
    #[strum(props(zh = "变更区划", en = "Change a region"))]
    UpdateRegion,
    #[strum(props(zh = "新增问题类别", en = "Add a topic"))]
    AddTopic,
    #[strum(props(zh = "变更问题类别", en = "Change a topic"))]
    UpdateTopic,
    #[strum(props(zh = "更换节假日安排", en = "Replace a year of the calendar"))]
    ReplaceCalendarYear,
    #[strum(props(zh = "更换复查复核规则", en = "Replace the review rules"))]
    ReplaceReviewRules,
    #[strum(props(zh = "更换接访频次规定", en = "Replace the norms of reception"))]
    ReplaceReceptionNorms,
    #[strum(props(zh = "查看完整个人信息", en = "Read particulars in full"))]
    ReadParticulars,
    #[strum(props(zh = "查看检举控告", en = "Read an accusation"))]
    ReadAccusation,
    #[strum(props(zh = "查询审计记录", en = "Search the audit trail"))]
    SearchAuditTrail,
    #[strum(props(zh = "导出审计记录", en = "Export the audit trail"))]
    ExportAuditTrail,
}

/// How it went.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditOutcome {
    #[strum(props(zh = "已完成", en = "Done"))]
    Done,
    #[strum(props(zh = "被拒绝", en = "Refused"))]
    Refused,
}
