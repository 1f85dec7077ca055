//! The sentences of 1+1+X sessions, on the wall and in the command room.

use super::Text;

catalogue! {
    // The board.
    SESSIONS: "1+1+X 指挥", "1+1+X sessions";
    RUNNING: "{n} 场进行中", "{n} running";
    NO_SESSION: "没有进行中的指挥", "No session is running";
    NO_SESSION_WHY: "各单位处于值守状态", "Every unit is on watch";
    LED_BY: "指挥 {c} · 牵头 {l}", "Command {c} · lead {l}";
    NOT_ORDERED: "尚未下令", "Not ordered yet";
    V_MOVING: "{n} 家中 {m} 家已出动", "{m} of {n} moving";
    V_IN_TIME: " · 全部按时", " · all in time";
    V_LEFT: " · 余 {t}", " · {t} left";
    V_LATE: "；{org} 超时 {t}", "; {org} {t} late";
    V_DOUBT: "；{org} 称已出动，位置未动", "; {org} says it moves, and does not";
    VEILED: "敏感事项", "Sensitive matter";
    DRILL: "演练", "Drill";
    DRILL_TITLE: "（演练）{title}", "(Drill) {title}";
    COLON: "：", ": ";

    SEAT_SET: "待令", "not ordered";
    SEAT_SENT: "已下令", "ordered";
    SEAT_DELIVERED: "已送达", "delivered";
    SEAT_READ: "已读", "read";
    SEAT_ACKNOWLEDGED: "收到", "acknowledged";
    SEAT_MOVING: "出动", "moving";
    SEAT_ARRIVED: "到场", "arrived";
    SEAT_WORKING: "处置", "at work";
    SEAT_DONE: "完成", "done";
    SEAT_RELEASED: "撤出", "released";
    SEAT_LATE: "迟 {t}", "{t} late";

    CALL_MORE: "请求增援", "more needed";
    CALL_ENOUGH: "力量足够", "enough";
    CALL_STAND_DOWN: "可以撤离", "stand down";
    BY_APP: "应用", "app";
    BY_SMS: "短信", "text message";
    BY_VOICE: "语音电话", "voice call";
    BY_DEPUTY: "副职", "deputy";
    BY_DUTY_PHONE: "值班电话", "duty phone";
    BY_RADIO: "电台", "radio";
    W_COMPLAINT: "群众反映突出", "Many complain";
    W_ENFORCEMENT: "综合执法", "Joint enforcement";
    W_EMERGENCY: "应急处置", "Emergency";

    H_OPENED: "启动指挥", "session opened";
    H_ORDERED: "一键下令", "every order sent";
    H_SEAT_ADDED: "增派", "added";
    H_SEAT_RELEASED: "撤出", "released";
    H_LEAD_CHANGED: "改为牵头", "leads now";
    H_HANDED_OVER: "移交指挥", "command handed over";
    H_MARKED: "报告", "reports";
    H_ARRIVAL_SUGGESTED: "位置显示已到现场", "seems to be there";
    H_MOVEMENT_DOUBTED: "称已出动，位置未动", "says it moves, and does not";
    H_CLIMBED: "未读，改由", "unread, goes on by";
    H_LATE: "超时", "is late";
    H_VOTED: "现场意见", "on scene";
    H_SAID: "消息", "message";
    H_MESSAGE_ACKNOWLEDGED: "确认消息", "saw a message";
    H_TIMER_SET: "计时", "timer";
    H_TIMER_STOPPED: "计时停止", "timer stopped";
    H_TIMER_RANG: "计时到", "timer rang";
    H_CONTROLLED: "已控制", "under control";
    H_CLOSED: "结束", "closed";
    H_ABORTED: "取消", "called off";
    H_RATED: "评价", "rated";
    H_OTHER: "其他", "other";

    // Deployments.
    DEPLOYMENTS: "力量部署", "Deployments";
    UNITS: "力量", "Units";
    HEARD: "位置 {t}前", "positions {t} ago";
    NEVER_HEARD: "暂无位置", "no positions yet";
    S_STANDBY: "待命", "Standby";
    S_ASSIGNED: "已派", "Assigned";
    S_MOVING: "出动", "Moving";
    S_ON_SCENE: "到场", "On scene";
    S_WORKING: "处置", "At work";
    S_RETURNING: "返回", "Returning";
    S_OFF: "离岗", "Off duty";
    NO_UNITS: "没有力量", "No units";
    NO_UNITS_WHY: "辖区内没有登记的力量", "None is listed in this region";

    // Peace and war, what a wall was sent.
    MODE_WAR: "战时", "War mode";
    SENT_BY: "{who} 发来 · 至 {t}", "sent by {who}, until {t}";
    SENT_VIEW: "指定视野", "A chosen view";
    SENT_GONE: "发来的内容已不在此屏范围", "What was sent is no longer in this wall's region";

    // What sounds.
    ALARMS_WAIT: "{n} 项待确认", "{n} to acknowledge";
    ALARM_DONE: "{who} 已确认 {t}", "acknowledged by {who}, {t}";
    SAY_RED: "{place}{what}，已超期", "{place}, {what}, overdue";
    SAY_OPENED: "{place}，启动指挥，{what}", "{place}, session opened, {what}";
    SAY_LATE: "{org}，出动超时，{what}", "{org} is late, {what}";
    A_RED: "红灯 · {what}", "Red lamp · {what}";
    A_OPENED: "启动指挥 · {what}", "Session opened · {what}";
    A_LATE: "{org} 超时 · {what}", "{org} late · {what}";

    // The command room.
    ROOM: "1+1+X 指挥室", "1+1+X command room";
    TO_ROOM: "指挥室", "Command room";
    TO_REVIEWS: "全部报告", "All reports";
    TO_REVIEW: "复盘报告", "After-action report";
    OPEN_FROM: "开启 1+1+X", "Open 1+1+X";
    NO_ROOM: "没有指挥室", "No command room";
    NO_ROOM_WHY: "此岗位不查看辖区事务", "This post does not look at a region";
    UNDER_WAY: "进行中", "Under way";
    RECENT: "近期", "Recent";
    NONE_RECENT: "近七天没有指挥", "None in the last seven days";
    NEW: "启动指挥", "Open a session";
    PICK_ONE: "请选择一场指挥", "Choose a session";
    PICK_ONE_WHY: "左侧列出进行中和近七天的指挥", "Those under way and of the last week are on the left";
    UNKNOWN: "没有这次指挥", "There is no such session";
    UNKNOWN_WHY: "它可能不在本岗位的范围内，或已超过七天", "It may lie outside your region, or be over for a week";
    COMMANDER: "指挥长", "Commander";
    STAGE: "阶段", "Stage";
    T0: "下令时间", "Ordered at";
    INCIDENT: "事件", "Incident";
    RESULT: "结果", "Result";
    SEATS: "席位", "Seats";
    LEAD: "牵头", "Lead";
    COOPERATORS: "协同", "Cooperating";
    UNIT: "力量", "Unit";
    PROOF: "依据", "Evidence";
    P_SYSTEM: "系统", "system";
    P_BUTTON: "按键", "button";
    P_WORD: "{who} {channel}报告", "{who} by {channel}";
    P_POSITION: "位置，{n} 米", "positions, {n} m";
    CLAIMED_ONLY: "位置未证实", "positions do not show it";
    SEEMS_THERE: "位置显示已到场，待确认", "positions show it there; confirm";
    CHAIN: "下达", "Order";
    WARN_BUSY: "{unit} 正忙", "{unit} is busy";
    WARN_OFF: "{unit} 离岗", "{unit} is off duty";
    WARN_NOBODY: "无人值班", "nobody on duty";
    WARN_NO_UNIT: "无可派力量", "no unit to send";
    TIMELINE: "时间线", "Timeline";
    MESSAGES: "消息", "Messages";
    NO_MESSAGES: "还没有消息", "No messages yet";
    SAY_PLACEHOLDER: "向全体发消息", "A message to all";
    SEEN_BY: "已确认：{who}", "seen by {who}";
    SEEN_NONE: "无人确认", "seen by nobody";
    I_SAW: "确认", "Acknowledge";
    TIMERS: "计时", "Timers";
    TIMER_NEW: "新建计时", "New timer";
    TIMER_LABEL: "用途", "What for";
    TIMER_MINUTES: "分钟", "Minutes";
    TIMER_WHOLE: "整场指挥", "The whole session";
    TIMER_STOP: "停止", "Stop";
    TIMER_RANG: "已到时", "rang";
    TIMER_STOPPED: "已停止", "stopped";
    ALARMS: "提醒", "Alarms";
    NO_ALARMS: "没有待确认的提醒", "Nothing to acknowledge";
    ACK_ALL: "全部确认", "Acknowledge all";
    WALLS: "大屏", "Walls";
    NO_WALLS: "辖区内没有大屏", "There is no wall in your region";
    WALL_ROTATES: "轮播中", "in rotation";
    WALL_OFFLINE: "离线", "offline";
    WALL_SHOWS: "{what} · 至 {t}", "{what}, until {t}";
    SEND_SESSION: "发送本场", "Send session";
    SEND_INCIDENT: "发送事件", "Send incident";
    SEND_VIEW: "发送视野", "Send view";
    SEND_BACK: "恢复轮播", "Back to rotation";
    SHOWS_SESSION: "一场指挥", "a session";
    SHOWS_INCIDENT: "一起事件", "an incident";
    SHOWS_VIEW: "一处视野", "a view";
    DECLARE_WAR: "进入战时", "Declare war mode";
    DECLARE_PEACE: "恢复平时", "Back to routine";
    WAR_WHY: "全县大屏布局、提醒声和新启动指挥的时限将一同切换，并记入日志。", "Every wall's layout, the sounds and the limits of new sessions switch together, and it is logged.";

    // Moves.
    M_ORDER: "一键下令", "Send every order";
    M_ADD: "增派", "Add a unit";
    M_RELEASE: "撤出", "Release";
    M_LEAD: "改为牵头", "Make it lead";
    M_HAND_OVER: "移交指挥", "Hand over command";
    M_TAKE_OVER: "接管指挥", "Take over command";
    M_READ: "已阅", "Read";
    M_ACKNOWLEDGE: "收到", "Acknowledge";
    M_MOVE: "出动", "Moving";
    M_ARRIVE: "到场", "Arrived";
    M_WORK: "处置", "At work";
    M_SIGN_OFF: "销号", "Sign off";
    M_WORD: "口头报告", "Duty officer's word";
    M_VOTE: "现场意见", "Vote";
    M_CONTROL: "已控制", "Under control";
    M_CLOSE: "结束指挥", "Close the session";
    M_ABORT: "取消指挥", "Call it off";
    M_RATE: "评价", "Rate";
    M_REASON: "理由", "Reason";
    M_NOTE: "说明", "What was done";
    M_RESULT: "处置结果", "What came of it";
    M_STEP: "报告内容", "What they report";
    M_CHANNEL: "方式", "Channel";
    M_OFFICER: "报告人", "Who said it";
    M_ORG: "单位", "Organisation";
    M_TO: "移交给", "To whom";
    M_ASK: "任务", "What it is asked for";
    M_CALL: "意见", "What it takes";
    M_SCORE: "评分", "Score";
    M_WORD_WITH: "评语", "A word with it";
    M_DESPITE: "仍然下令：单位繁忙或离岗", "Order it all the same: busy or off duty";
    MORE_MOVES: "更多", "More";
    DONE: "已{what}", "Done: {what}";

    // Opening.
    O_TITLE: "启动 1+1+X 指挥", "Open a 1+1+X session";
    O_KIND: "类型", "Kind";
    O_INCIDENT: "事件处置", "On an incident";
    O_WHISTLE: "吹哨", "Whistle";
    O_DRILL: "演练", "Drill";
    O_WHISTLE_KIND: "吹哨类型", "Whistled for";
    O_FOR: "针对事件", "About";
    O_NO_INCIDENT: "请从工作台的事件进入，或改为吹哨、演练。", "Come from an incident at the desk, or choose a whistle or a drill.";
    O_NAME: "事由", "Title";
    O_REGION: "地点", "Where";
    O_ON_MAP: "在地图上点选现场", "Point at the scene on the map";
    O_PLACED: "现场 {lon}，{lat}", "Scene {lon}, {lat}";
    O_WHO: "由谁指挥", "Who commands";
    O_MYSELF: "本人", "Myself";
    O_TABLE: "参加单位", "Who takes part";
    O_ADD: "添加单位", "Add an organisation";
    O_NEAREST: "最近的空闲力量", "Nearest free unit";
    O_GO: "一键下令", "Open and send every order";
    O_SET_UP: "只建立，不下令", "Set up without ordering";
    O_LOADING: "正在推荐参加单位", "Looking who should take part";
    O_NEEDS_LEAD: "请选择一个牵头单位", "Choose who leads";
    O_FREE: "空闲", "free";
    O_BUSY: "正忙", "busy";
    O_OFF: "离岗", "off duty";

    // Evaluation.
    E_TITLE: "评价参加单位", "Rate those who took part";
    E_ACK: "收到 {t}", "acknowledged in {t}";
    E_MOVE: "出动 {t}", "moving in {t}";
    E_ARRIVE: "到场 {t}", "arrived in {t}";
    E_NEVER: "未报", "never told";
    E_STARS: "{n} 分", "{n} of 5";

    CLOCK_MUSTER: "出动时限", "muster clock";
    CLOCK_RESPOND: "报到时限", "arrival clock";
}
