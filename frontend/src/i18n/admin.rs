//! The sentences of the administration.

use super::Text;

catalogue! {
    ADMIN: "管理", "Administration";
    SECTIONS: "管理栏目", "Sections";
    NOTHING_TO_ADMINISTER: "您的岗位没有可管理的内容", "There is nothing for your post to administer";
    NOTHING_WHY: "管理由系统管理员办理，大屏与代理由单位负责人办理，审计由督查员查阅。", "Administrators do this; heads of centre and command rooms keep walls and stand-ins; auditors read the audit.";

    // People.
    PEOPLE: "人员", "People";
    PEOPLE_SEARCH: "搜索账号、姓名、电话", "Account, name or phone";
    PEOPLE_NONE: "没有找到人员", "Nobody found";
    PEOPLE_NONE_WHY: "换一个词，或新增、导入人员", "Try another word, or add people";
    PEOPLE_SHOWN: "{n} 人", "{n} people";
    PERSON_PICK: "从左侧选择一人，查看岗位与授权", "Choose somebody on the left to see posts and grants";
    PERSON_GONE: "没有这个账号，或不在您的范围", "There is no such account in your region";
    ADD_PERSON: "新增人员", "Add person";
    IMPORT: "批量导入", "Import";
    POSTS: "岗位", "Posts";
    STATE: "状态", "State";
    SEEN: "最近", "Last seen";
    STATE_ACTIVE: "正常", "active";
    STATE_INVITED: "待设密码", "invited";
    STATE_LAPSED: "邀请已过期", "link lapsed";
    STATE_LOCKED: "暂时锁定", "locked";
    STATE_DISABLED: "已停用", "disabled";
    TOTP_USED: "一次性口令", "one-time codes";
    DETAILS: "基本信息", "Details";
    PERSON_ID_HINT: "2 至 32 个小写字母、数字或 . _ -；确定后不能更改", "2 to 32 of a-z, 0-9, . _ -; it never changes";
    PHONE_HINT: "可不填", "Optional";
    CREATED: "建立于 {t}", "added {t}";
    INVITE: "邀请链接", "New link";
    INVITE_WHY: "发给本人，用来设置密码。旧链接随即失效。", "For them to choose a password. The link before it stops working.";
    INVITE_READY: "链接只显示这一次", "Shown this once";
    INVITE_HAND: "请当面或通过可信渠道交给 {name}，有效期至 {t}。", "Hand it to {name} in person or by a trusted way. Holds until {t}.";
    INVITE_LINK: "邀请链接", "One-time link";
    DISABLE: "停用", "Disable";
    DISABLE_TITLE: "停用 {name}", "Disable {name}";
    DISABLE_WHY: "其所有登录立即结束，岗位与记录保留。", "All their sign-ins end at once; posts and records stay.";
    ENABLE: "启用", "Enable";
    RESET_TOTP: "清除一次性口令", "Clear one-time codes";
    RESET_TOTP_WHY: "本人丢失验证器时使用。今后仅凭密码登录，直到本人重新启用。", "For a lost authenticator. The password alone is enough until they turn it on again.";
    OWN_POSTS_WHY: "自己的岗位与授权须由其他管理员办理", "Your own posts and grants are another administrator's matter";
    ROLE: "角色", "Role";
    ORG: "单位", "Organisation";
    REGION: "范围", "Region";
    IS_HEAD: "单位负责人", "Heads the organisation";
    ADD_POST: "添加岗位", "Add a post";
    POST_N: "岗位 {n}", "Post {n}";
    FIRST_POST: "首个岗位为登录后的默认岗位", "The first is taken on signing in";
    GRANTS: "临时授权与代理", "Grants and stand-ins";
    GRANTS_NONE: "没有临时授权", "Nothing is lent to them";
    GRANT_ADD: "授权", "Lend a post";
    GRANT_FOR: "代理何人", "Stands in for";
    GRANT_FOR_HINT: "留空为临时岗位；填写后日志同时记录两人", "Empty lends a post as such; otherwise the log names both";
    GRANT_POST_OF: "其岗位", "Their post";
    FROM: "自", "From";
    FROM_HINT: "留空为即时", "Empty is now";
    TO: "至", "Until";
    TO_HINT: "最长 90 天", "At most 90 days";
    GRANT_BY: "{name} 授权", "lent by {name}";
    GRANT_REVOKE: "收回", "Take back";
    GRANT_REVOKE_WHY: "立即失效；正以此岗位工作的页面随即停止。", "It ends at once; a page that works with it stops.";
    STAND_INS: "代理", "Stand-ins";
    STAND_INS_WHY: "把本单位岗位临时交给本单位人员", "Lend your organisation's post to its own people";

    // Import.
    IMPORT_TITLE: "批量导入人员", "Import people";
    IMPORT_LEAD: "CSV 文件，首行为列名：id,name,phone,role,org,region,director。同一账号的多行为多个岗位。", "A CSV whose first line names id,name,phone,role,org,region,director. Several lines of one account are several posts.";
    IMPORT_DROP: "把文件拖到这里，或选择文件", "Drop the file here, or choose one";
    IMPORT_CHOOSE: "选择文件", "Choose a file";
    IMPORT_TEMPLATE: "下载模板", "Download a template";
    IMPORT_CHECKING: "正在核对", "Checking";
    IMPORT_GOOD: "{n} 行无误", "{n} lines are good";
    IMPORT_BAD: "{n} 行有误", "{n} lines have faults";
    IMPORT_BAD_WHY: "尚未写入任何内容。请改正后重新选择文件。", "Nothing was written. Mend them and choose the file again.";
    IMPORT_GOOD_WHY: "尚未写入。确认后建立账号并生成邀请链接。", "Nothing is written yet. Confirm to add them and make their links.";
    IMPORT_GO: "确认导入 {n} 行", "Import {n} lines";
    IMPORT_DONE: "已导入，邀请链接只在此处提供一次", "Imported; the links are given here once";
    IMPORT_LINKS: "下载邀请链接", "Download the links";
    IMPORT_EMPTY: "文件中没有人员", "The file names nobody";
    IMPORT_LARGE: "文件过大，请分批导入（每批不超过 2 MB）", "Too large; import in parts of at most 2 MB";
    LINE: "行", "Line";
    FAULTS: "核对结果", "Result";
    LINE_GOOD: "无误", "good";

    // Organisations.
    ORGS: "单位", "Organisations";
    ORGS_SEARCH: "搜索单位或区划", "Organisation or region";
    ORGS_NONE: "没有找到单位", "No organisation found";
    ORGS_NONE_WHY: "单位来自县域资料包 orgs.toml", "They come with the county pack, orgs.toml";
    ORGS_SHOWN: "{n} 个单位", "{n} organisations";
    ORG_PEOPLE: "{n} 人", "{n}";
    KIND: "类型", "Kind";
    CODE_NO: "编号", "Id";
    COUNTY_ORGS: "县级", "County";

    // Tokens.
    TOKENS: "接入令牌", "Tokens";
    TOKENS_NONE: "还没有令牌", "No token yet";
    TOKENS_NONE_WHY: "为每个接入系统各建一个，便于单独撤销", "Make one for each system, so that each can be revoked alone";
    TOKEN_ADD: "新建令牌", "New token";
    TOKEN_NAME: "来源名称", "Source name";
    TOKEN_NAME_HINT: "此系统上报的来源名，如 12345", "What its reports come under, such as 12345";
    TOKEN_UNTIL_HINT: "留空为长期有效", "Empty is without an end";
    TOKEN_READY: "令牌只显示这一次", "Shown this once";
    TOKEN_HAND: "请立即交给接入系统保存；本系统只存其散列。", "Give it to the system now; only its hash is kept here.";
    TOKEN_SECRET: "令牌", "Token";
    ROTATE: "换新", "Rotate";
    ROTATE_TITLE: "换新令牌 {name}", "Rotate {name}";
    ROTATE_WHY: "旧令牌在重叠期内继续有效，换用新令牌时不中断。", "The old one still holds for the overlap, so that nothing is cut off.";
    OVERLAP: "重叠（小时）", "Overlap (hours)";
    OVERLAP_HINT: "0 至 168；泄露时填 0", "0 to 168; 0 when it leaked";
    OLD_HOLDS: "旧令牌至 {t}", "old one until {t}";
    REVOKE: "撤销", "Revoke";
    TOKEN_REVOKE_TITLE: "撤销令牌 {name}", "Revoke {name}";
    TOKEN_REVOKE_WHY: "此系统随即不能上报，不可恢复。", "The system is cut off at once; this cannot be undone.";
    LAST_USE: "最近使用", "Last used";
    ENDS: "到期", "Ends";
    NO_END: "长期", "no end";
    ENDED: "已到期", "over";

    // Walls.
    WALLS: "大屏", "Walls";
    WALLS_NONE: "还没有大屏", "No wall yet";
    WALLS_NONE_WHY: "在大屏上打开 /wall，把屏幕上的配对码输入左侧", "Open /wall on the screen and type the code it shows";
    WALL_PAIR: "配对大屏", "Pair a wall";
    WALL_PAIR_WHY: "在大屏上打开 {url}，它会显示配对码。", "Open {url} on the screen; it shows a code.";
    WALL_CODE: "配对码", "Code";
    WALL_CODE_HINT: "不分大小写，连字符可省", "Case and hyphen do not matter";
    WALL_NAME: "悬挂位置", "Where it hangs";
    WALL_NAME_HINT: "如：三楼指挥大厅", "Such as: command room, third floor";
    WALL_SCOPE: "显示范围", "What it shows";
    WALL_GO: "配对", "Pair";
    WALL_PAIRED: "已配对：{name}", "Paired: {name}";
    ONLINE: "在线", "online";
    OFFLINE: "离线", "offline";
    WAITING: "等待屏幕", "waiting";
    PAIRED_BY: "{name} 于 {t} 配对", "paired by {name}, {t}";
    CHANGE: "更改", "Change";
    WALL_CHANGE_TITLE: "更改 {name}", "Change {name}";
    WALL_CHANGE_WHY: "范围更改后，屏幕立即按新范围显示。", "With another region, the screen changes at once.";
    WALL_REVOKE_TITLE: "撤销 {name}", "Revoke {name}";
    WALL_REVOKE_WHY: "屏幕立即停止显示，须重新配对。", "The screen stops at once and must be paired again.";

    // Sign-ins.
    SIGN_INS: "登录", "Sign-ins";
    SIGN_INS_SEARCH: "搜索账号、姓名、地址", "Account, name or address";
    SIGN_INS_NONE: "没有找到登录", "No sign-in found";
    SIGN_INS_NONE_WHY: "换一个词试试", "Try another word";
    SIGN_IN_END_TITLE: "结束 {name} 的登录", "End {name}'s sign-in";
    SIGN_IN_END_WHY: "其页面立即停止，须重新登录。", "The page stops at once; they must sign in again.";

    // Audit.
    AUDIT: "审计", "Audit";
    AUDIT_NONE: "没有符合条件的记录", "No record matches";
    AUDIT_NONE_WHY: "放宽条件再查", "Widen the search";
    AUDIT_NOTE: "每次查询本身也会记入审计", "Each search is itself recorded";
    AUDIT_WHO: "何人", "Who";
    AUDIT_ACTION: "操作", "Action";
    AUDIT_TARGET: "对象", "Target";
    AUDIT_OUTCOME: "结果", "Outcome";
    AUDIT_PURPOSE: "用途或事由", "Purpose";
    AUDIT_WORDS: "关键词", "Words";
    AUDIT_TIME: "时间", "Time";
    AUDIT_SEQ: "序号", "No.";
    AUDIT_ALL: "全部", "all";
    AUDIT_OK: "成功", "done";
    AUDIT_REFUSED: "被拒", "refused";
    AUDIT_SEARCH: "查询", "Search";
    AUDIT_EXPORT: "导出本页", "Export this page";
    AUDIT_RECORD: "第 {n} 号记录", "Record {n}";
    AUDIT_HASH: "SM3 链值", "SM3 of the chain";
    AUDIT_DIFF: "变更前后", "Before and after";
    AUDIT_NO_DIFF: "没有内容变更", "Nothing changed";
    FIELD: "字段", "Field";
    BEFORE: "之前", "Before";
    AFTER: "之后", "After";
}
