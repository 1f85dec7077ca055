//! Every sentence of the commander's tablet, in both languages side by side.

use super::Text;

catalogue! {
    FIELD: "掌上指挥", "Field command";
    MY_SESSIONS: "我的指挥任务", "My sessions";
    NO_SESSIONS: "目前没有指挥任务", "No session concerns you now";
    NO_SESSIONS_WHY: "有指令时本机会震动并响铃，请保持页面打开", "This tablet vibrates and sounds when an order comes; keep the page open";
    LOADING: "正在读取…", "Loading…";
    NOT_FOR_YOU: "此页面供现场人员和指挥长使用", "This page is for those at the scene and their commander";
    NOT_FOR_YOU_WHY: "您的岗位不参加指挥任务", "Your post takes no part in sessions";
    MENU: "更多", "More";
    OFFLINE: "离线", "Offline";
    WAITING: "{n} 条待发", "{n} waiting";
    STORE_FAILED: "本机无法保存：离线时的操作会丢失，请关闭无痕模式或清理空间", "This device keeps nothing: what you tap offline would be lost. Leave private mode or free some space";
    THEME_AUTO: "明暗：自动", "Day or night: automatic";
    THEME_DAY: "明暗：日间", "Day or night: day";
    THEME_NIGHT: "明暗：夜间", "Day or night: night";

    DRILL: "演练", "Drill";
    LEVEL: "级", "level";
    COMMANDER: "指挥长 {name}", "commander {name}";
    IS_COMMANDER: "指挥长", "commander";
    TASK_LEAD: "牵头", "lead";
    TASK_COOPERATE: "协同", "cooperator";
    MY_DUTY: "我的任务", "My duty";
    ASK_NONE: "按职责配合处置，听从指挥长安排", "Help as your duties say; the commander tells more";
    SEEMS_THERE: "定位显示已在现场附近，请确认到场", "Your position is at the scene: confirm that you arrived";

    TO_MOVE: "内出动", "to set out";
    TO_ARRIVE: "内到场", "to arrive";
    LATE: "已超时", "late";
    LATE_BY: "超时 {t}", "{t} late";
    ELAPSED: "已用时", "elapsed";
    NOT_ORDERED: "尚未下令", "not ordered yet";
    NOT_ORDERED_WHY: "指令下达后本机会提醒", "This tablet tells you when the order comes";

    STEP_ACKNOWLEDGED: "收到", "Received";
    STEP_MOVING: "出动", "Set out";
    STEP_ARRIVED: "到场", "Arrived";
    STEP_WORKING: "处置", "At work";
    STEP_DONE: "完成", "Done";
    IS_SENT: "未读", "not read";
    IS_READ: "已阅", "read";
    IS_RELEASED: "已撤出", "let go";
    NEXT: "下一步", "Next";
    TAP_ONCE: "点一下；没有信号也算数，联上即发", "One tap; it counts without a signal too, and is sent once there is one";
    NOTED: "已记下", "Noted";
    NOTED_AT: "{t} · 联网即发，不会重复", "{t} · sent once there is a link, and only once";
    SIGN_OFF_WHY: "写明做了什么，本单位任务即告完成", "Say what was done; your part is then over";
    CLOSE: "结束指挥", "Close the session";
    CLOSE_WHY: "各协同单位均已完成，请汇报结果", "Every cooperator is done; report the result";
    CONTROL: "宣布已控制", "Under control";
    CONTROL_WHY: "现场得到控制后由指挥长宣布", "The commander says so once it is";
    AWAIT_CONTROL: "等待指挥长宣布已控制", "Waiting for the commander";
    AWAIT_CONTROL_WHY: "宣布后由牵头单位结束指挥", "Once it is under control, the lead closes";
    AWAIT_OTHERS: "还有 {n} 家未完成", "{n} not done yet";
    AWAIT_OTHERS_WHY: "全部协同单位完成后方可结束", "The lead closes when every cooperator is done";
    REST: "本单位任务已完成", "Your part is done";
    COMMANDING: "您正在指挥", "You command";
    WATCHING: "您可查看并协助本次指挥", "You may follow and help this session";
    OVER: "指挥已结束", "The session is over";

    NOT_TAKEN: "{t} 的“{what}”未被采纳：", "“{what}” of {t} was not taken: ";
    UNDERSTOOD: "知道了", "Understood";

    PHOTO: "拍照", "Photo";
    PHOTO_WORDS: "现场照片", "Photo from the scene";
    PHOTO_BAD: "照片无法读取", "The photo can't be read";
    VOICE: "语音", "Voice";
    VOICE_WORDS: "语音留言", "Voice note";
    VOICE_STOP: "{n} 秒 · 停止并发送", "{n} s · stop and send";
    VOICE_DENIED: "未获准使用麦克风", "No microphone allowed";
    NAVIGATE: "导航", "Navigate";
    NAVIGATE_WHY: "将离开本页面，由其他应用带路；操作记录不受影响", "Another app leads you there; nothing tapped here is lost";
    NAVIGATE_APP: "用本机地图应用打开", "Open in a map app of this device";
    NAVIGATE_AMAP: "用高德地图打开（需联网）", "Open in Amap (needs a network)";
    NO_PLACE: "此事件没有坐标，请按地址前往", "This session has no position; go by its address";
    REINFORCE: "请求增援", "Ask for more";
    REINFORCE_1: "请求增援：人手不足", "More people needed";
    REINFORCE_2: "请求增援：需要专业设备", "Special equipment needed";
    REINFORCE_3: "请求增援：需要医疗救护", "Medical help needed";
    VOTE: "现场意见", "The scene asks for";
    VOTE_MORE: "增援", "More";
    VOTE_ENOUGH: "足够", "Enough";
    VOTE_STAND_DOWN: "可撤离", "Stand down";
    SAY: "发消息给全体", "Message to all";
    SAY_SHORT: "发消息", "Message";
    SAY_1: "道路受阻，请绕行", "The road is blocked; go round";
    SAY_2: "预计十分钟内到场", "There within ten minutes";
    SAY_3: "请各单位到指挥点集合", "Gather at the command post";
    SEND: "发送", "Send";
    WORDS: "说明", "In words";
    SIGN_OFF_1: "任务完成，现场已移交", "Done; the scene is handed over";
    SIGN_OFF_2: "任务完成，未发现其他隐患", "Done; no other danger found";
    CLOSE_1: "处置完毕，现场恢复正常", "Settled; all is back to normal";
    CLOSE_2: "险情排除，留人值守", "The danger is over; a watch stays";
    CONTROL_1: "险情已控制，无人员伤亡", "Under control; nobody is hurt";
    CONTROL_2: "险情已控制，继续清理", "Under control; clearing goes on";
    HAND_OVER: "移交指挥权", "Hand over command";
    HAND_OVER_TO: "移交给（姓名、单位或账号）", "To whom (name, unit or account)";
    HAND_OVER_NOBODY: "没有找到可以接替指挥的人", "Nobody found who may take command";
    OWN_UNIT: "本机所在力量", "This tablet is in";
    OWN_UNIT_ANY: "按任务自动", "As assigned";
    TIMERS: "计时", "Timers";
    TIMER_RANG: "已到时", "rang";
    HAND_OVER_1: "平板故障，由接替人员指挥", "My tablet failed; another takes over";

    SEATS: "参与单位", "Units taking part";
    DOUBTED: "位置未动", "has not moved";
    MOVING_OF: "{n}/{all} 已出动", "{n}/{all} moving";

    MESSAGES: "消息", "Messages";
    MESSAGE: "消息", "Message";
    NO_MESSAGES: "还没有消息", "Nothing was said yet";
    WAITS: "待发", "waiting";
    SEE: "需回执 · 点此确认", "Acknowledge";
    SEEN: "回执", "Acknowledgement";
    SEEN_WAITS: "回执待发", "acknowledgement waiting";
    SEEN_BY: "已回执：{names}", "Acknowledged by {names}";

    MAP: "现场地图", "Map of the scene";
    MAP_FAILED: "地图无法载入，其余功能不受影响", "The map can't be loaded; all else works";
    MAP_FIT: "显示全部", "Show all";
    ME: "我", "me";
    WAY: "距现场", "To the scene";
    WAY_WHY: "直线距离，时间为估算", "straight line; the time is an estimate";
    WAY_UNKNOWN: "本机位置未知", "This tablet's position is not known";
    KM: "公里", "km";
    METRES: "米", "m";
    ABOUT: "约", "about";
    MINUTES: "分", "min";

    SHARES: "共享位置", "Sharing position";
    SHARES_NOT: "未共享位置", "Not sharing";
    PLACE_UNKNOWN: "正在定位…", "Locating…";
    PLACE_DENIED: "未获准定位", "Position not allowed";
    PLACE_UNAVAILABLE: "暂无定位信号", "No position now";
    PLACE_INSECURE: "需 https 才能定位", "Position needs https";
}
