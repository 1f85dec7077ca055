//! The sentences of signing in, welcoming, pairing and one's own account, and those that every
//! desk-like screen shares.

use super::Text;

catalogue! {
    // What every desk-like screen shares.
    SAVE: "保存", "Save";
    CANCEL: "取消", "Cancel";
    CLOSE: "关闭", "Close";
    CONFIRM: "确认", "Confirm";
    ADD: "添加", "Add";
    REMOVE: "移除", "Remove";
    COPY: "复制", "Copy";
    COPIED: "已复制", "Copied";
    SAVED: "已保存", "Saved";
    SEARCH: "搜索", "Search";
    CLEAR: "清除", "Clear";
    REFRESH: "刷新", "Refresh";
    RETRY: "重试", "Try again";
    MORE_ROWS: "继续载入", "Load more";
    BACK: "返回", "Back";
    LIST_FAILED: "未能载入", "Could not be loaded";
    NEVER: "从未", "never";
    NONE: "无", "none";
    YES: "是", "Yes";
    NO: "否", "No";
    JUST_NOW: "刚刚", "just now";
    AGO: "{t}前", "{t} ago";
    IN_TIME: "{t}后", "in {t}";
    UNTIL: "至 {t}", "until {t}";
    STANDS_IN: "代 {name}", "for {name}";
    HEAD: "负责人", "head";
    REASON: "事由", "Reason";
    REASON_HINT: "将记入审计", "Kept in the audit trail";
    NAME: "姓名", "Name";
    PHONE: "电话", "Phone";
    ACCOUNT: "账号", "Account";
    PASSWORD: "密码", "Password";
    SHOW_PASSWORD: "显示密码", "Show password";
    HIDE_PASSWORD: "隐藏密码", "Hide password";
    SIGN_OUT: "退出登录", "Sign out";
    PERSON_MENU: "我的账户与岗位", "My account and post";
    ACTING_AS: "当前岗位", "Acting as";
    SWITCH_TO: "切换到", "Switch to";
    TO_WALL: "打开大屏", "Open the wall";
    TO_DESK: "打开工作台", "Open the desk";
    TO_ADMIN: "打开管理", "Open administration";
    CHOOSE: "请选择", "Choose";
    PICK_NONE: "没有匹配项", "Nothing matches";
    PICK_HINT: "输入名称或代码", "Type a name or a code";
    PICK_BELOW: "下级", "below";
    PICK_MORE: "还有 {n} 项，请继续输入", "{n} more, keep typing";

    // Signing in.
    SIGN_IN_TITLE: "登录", "Sign in";
    SIGN_IN_LEAD: "请用本人账号登录，操作全程留痕", "Use your own account; what you do is recorded";
    SIGN_IN_GO: "登录", "Sign in";
    SIGN_IN_BUSY: "正在登录", "Signing in";
    SIGN_IN_HELP: "忘记密码或没有账号，请联系本单位系统管理员重发邀请链接。", "Forgot your password, or no account? Ask your administrator for a new link.";
    SIGN_IN_OR: "或", "or";
    SIGN_IN_WITH: "使用{name}登录", "Continue with {name}";
    SIGN_IN_LOCKED: "尝试次数过多，请在 {n} 秒后再试", "Too many attempts; try again in {n} s";
    SIGN_IN_FILL: "请填写账号和密码", "Give your account and password";
    SIGNED_IN_AS: "当前已登录为 {name}", "You are signed in as {name}";
    SIGN_IN_GO_ON: "继续", "Go on";
    SIGN_IN_FAILED_THERE: "外部身份登录未完成，请重试或改用密码", "Signing in there did not work out; try again or use your password";
    SIGN_IN_NOT_JOINED: "此外部身份尚未绑定账号，请先用密码登录，再到“我的账户”绑定", "This outside identity belongs to no account yet; sign in by password and join it under My account";
    SIGN_IN_WAY_OVER: "本次登录已过期或不是从本页面发起，请重新开始", "This sign-in is over or was not begun here; begin again";
    CODE_TITLE: "一次性口令", "One-time code";
    CODE_LEAD: "请输入验证器上显示的 6 位数字", "Enter the six digits your authenticator shows";
    CODE: "一次性口令", "One-time code";
    CODE_BACK: "换一个账号", "Another account";
    SIGNED_OUT: "登录已结束", "You were signed out";
    SIGNED_OUT_WHY: "登录被撤销、到期，或账号已变更。", "The sign-in was revoked, has ended, or your account changed.";
    SIGN_IN_AGAIN: "重新登录", "Sign in again";

    // A one-time link.
    WELCOME_TITLE: "设置密码", "Choose a password";
    WELCOME_FOR: "此链接属于", "This link is for";
    WELCOME_LEAD: "设置后直接进入系统，今后用账号和密码登录。", "You go straight in, and sign in with account and password from then on.";
    WELCOME_GO: "设置密码并进入", "Set password and go in";
    WELCOME_CHECKING: "正在核对链接", "Checking the link";
    WELCOME_OVER: "此链接已失效", "This link no longer holds";
    WELCOME_OVER_WHY: "链接只能使用一次，且有时限。请向管理员索取新的链接。", "It works once, and for a limited time. Ask your administrator for a new one.";
    NEW_PASSWORD: "新密码", "New password";
    NEW_PASSWORD_AGAIN: "再输一次", "Once more";
    PASSWORDS_DIFFER: "两次输入不一致", "The two differ";
    RULE_LENGTH: "至少 {n} 个字符，越长越好，可用一句话", "At least {n} characters; longer is better, a sentence is fine";
    RULE_COMMON: "不用常见密码、姓名、账号或单位名", "No common password, name, account or office";
    RULE_FREE: "不要求大小写或符号，也不必定期更换", "No need for capitals or symbols, nor for regular changes";

    // A wall that nobody signed in.
    PAIR_TITLE: "本屏尚未配对", "This screen is not paired";
    PAIR_HOW: "在指挥室电脑打开 {url}，输入此码", "On a desk computer open {url} and type this code";
    PAIR_LEFT: "此码剩余 {t}", "Holds for {t} more";
    PAIR_RENEWING: "正在换新码", "Getting a new code";
    PAIR_WAITING: "等待输入", "Waiting to be typed";
    PAIR_SILENT: "服务器没有应答，正在重试", "The server does not answer, trying again";
    PAIR_REFUSED: "暂时不能取得配对码，稍后自动重试", "No code can be had now, trying again soon";
    PAIR_DONE: "配对成功，正在打开大屏", "Paired, opening the wall";
    PAIR_SIGN_IN: "改为登录", "Sign in instead";
    PAIR_CODE: "配对码", "Pairing code";
    UNPAIRED: "本屏已解除配对", "This screen was unpaired";
    UNPAIRED_WHY: "管理员撤销了这块大屏。重新配对后可继续使用。", "An administrator revoked it. Pair it again to go on.";
    UNPAIRED_AGAIN: "重新配对", "Pair again";
    UNPAIRED_SOON: "{n} 秒后显示新的配对码", "A new code appears in {n} s";
    NO_WATCH: "此岗位不看大屏", "This post has no wall";
    NO_WATCH_WHY: "系统管理与业务分开：管理员不查看事件。", "Administrating and handling are kept apart: administrators see no incident.";
    TO_OWN: "前往我的界面", "To my own screen";

    // One's own account.
    MY_ACCOUNT: "我的账户", "My account";
    MY_POSTS: "岗位", "Posts";
    MY_POSTS_WHY: "切换后所见与权限随之改变", "What you see and may do changes with it";
    CURRENT: "当前", "current";
    SWITCH: "切换", "Switch";
    CHANGE_PASSWORD: "修改密码", "Change password";
    OLD_PASSWORD: "当前密码", "Current password";
    PASSWORD_CHANGED: "密码已修改，其他设备上的登录已结束", "Changed; you were signed out everywhere else";
    TOTP: "一次性口令", "One-time codes";
    TOTP_ON: "已启用：登录时除密码外还要验证器上的数字", "On: signing in asks for a code besides the password";
    TOTP_OFF: "未启用：建议启用，密码泄露时他人也无法登录", "Off: turn it on, so that a stolen password is not enough";
    TOTP_START: "启用一次性口令", "Turn on";
    TOTP_SCAN: "用验证器应用扫描，或手工输入密钥", "Scan with an authenticator app, or type the key";
    TOTP_KEY: "密钥", "Key";
    TOTP_CONFIRM: "输入应用显示的 6 位数字以确认", "Enter the six digits it shows";
    TOTP_DONE: "一次性口令已启用", "One-time codes are on";
    TOTP_STOP: "停用", "Turn off";
    TOTP_STOP_WHY: "请输入密码以停用一次性口令", "Your password turns them off";
    TOTP_STOPPED: "一次性口令已停用", "One-time codes are off";
    TOTP_PICTURE: "二维码，内容同下方密钥", "QR code, the same as the key below";
    JOIN: "外部身份", "Outside identities";
    JOIN_WHY: "绑定后可用该平台登录", "Once joined, you can sign in with it";
    JOIN_WITH: "绑定{name}", "Join {name}";
    MY_SIGN_INS: "我的登录", "My sign-ins";
    MY_SIGN_INS_WHY: "不认识的请立即结束，并修改密码", "End any you do not know, and change your password";
    END_SIGN_IN: "结束", "End";
    THIS_ONE: "本机", "this one";
    SINCE: "登录于", "Since";
    LAST_USED: "最近使用", "Last used";
    FROM_WHERE: "来自", "From";
    WITH_WHAT: "设备", "Device";
    HOW: "方式", "How";
    WAY_PASSWORD: "密码", "password";
    WAY_PASSWORD_AND_CODE: "密码和一次性口令", "password and code";
    WAY_LINK: "链接", "link";
}
