//! The sentences of after-action reports.

use super::Text;

catalogue! {
    TITLE: "处置复盘", "After-action review";
    REPORT: "处置复盘报告", "After-action report";
    DRILL_REPORT: "演练复盘报告", "Drill report";
    DRILL_NOTE: "演练 · 不计入考核", "Drill · in no figure";
    NOT_YOURS: "您的岗位不看复盘报告", "Your post reads no reports";
    NOT_YOURS_WHY: "复盘报告由指挥中心、指挥室和参与单位查看。", "Reports are for the centre, rooms and the organisations that took part.";
    GONE: "没有这份报告", "There is no such report";
    GONE_WHY: "这次指挥不存在，或不在您的范围内。", "There is no such session, or it is outside your scope.";
    BACK: "全部报告", "All reports";
    PRINT: "打印", "Print";
    TO_SESSION: "指挥室", "Command room";
    TO_REPLAY: "回放", "Replay";
    RUNNING: "指挥尚未结束，以下为截至目前的情况。", "The session is not over: this is how it stands now.";
    RELOAD: "刷新", "Refresh";

    // The list.
    LAST: "时段", "Period";
    DAYS_7: "近 7 天", "Last 7 days";
    DAYS_30: "近 30 天", "Last 30 days";
    DAYS_90: "近 90 天", "Last 90 days";
    DAYS_365: "近一年", "Last year";
    LIST: "已结束的指挥", "Sessions that are over";
    NONE: "这段时间没有已结束的指挥", "No session ended in this period";
    NONE_WHY: "指挥结束或取消后，报告会列在这里。换一个时段看看。", "Reports appear here once a session was closed or called off. Try another period.";
    MORE: "只列出最近 500 场，请缩短时段。", "Only the last 500 are listed; choose a shorter period.";
    C_TITLE: "事项", "Matter";
    C_ENDED: "结束", "Ended";
    C_MUSTER: "集结", "Muster";
    C_SEATS: "单位", "Units";
    C_STAGE: "状态", "Stage";
    C_RATED: "已评价", "Rated";

    // Figures.
    FIGURES: "考核统计", "Figures";
    F_LEFT: "演练和取消的 {n} 场不计入", "{n} drills or called off, in no figure";
    F_SESSIONS: "实战指挥", "Real sessions";
    F_RATE: "十分钟集结率", "Muster rate";
    F_ACK: "收到用时中位", "Median to answer";
    F_MOVE: "出动用时中位", "Median to move";
    F_ARRIVE: "到场用时中位", "Median to arrive";
    F_ORDERS: "受令", "Orders";
    F_IN_TIME: "按时出动", "In time";
    F_P90: "九成", "p90";
    F_DOUBTED: "存疑", "Doubted";
    F_CHASED: "多渠道催", "Chased";
    F_MARK: "平均评分", "Mean rating";
    F_NONE: "没有可统计的实战指挥", "No real session to count";

    // One report.
    ORDERED: "下令（T0）", "Ordered (T0)";
    ENDED: "结束", "Ended";
    ASKER: "发起", "Asked by";
    COMMANDER: "指挥长", "Commander";
    SINCE: "{who} 自 {t}", "{who} since {t}";
    PLACE: "地点", "Scene";
    RESULT: "处置结果", "Result";
    KIND: "类型", "Kind";
    K_INCIDENT: "事件处置", "Incident";
    K_WHISTLE: "吹哨", "Whistle";
    K_DRILL: "演练", "Drill";
    TILE_MUSTER: "十分钟集结", "Muster";
    TILE_ACK: "首个收到", "First answer";
    TILE_OUT: "全部出动", "All out";
    TILE_THERE: "首个到场", "First there";
    TILE_CLOSED: "结束用时", "Closed after";
    IN_TIME_OF: "{n}/{m} 家按时", "{n} of {m} in time";
    NO_ORDER: "未下令", "no order";

    JUDGED: "各单位评判", "Each organisation, judged";
    JUDGED_WHY: "用时自该单位的命令发出时起算；断网时的点击按其发生时间计。", "Times count from the organisation's own order; a tap made without a link counts from when it was made.";
    ORG: "单位", "Organisation";
    ANSWERED: "收到", "Answered";
    MOVED: "出动", "Moving";
    THERE: "到场", "Arrived";
    DONE: "完成", "Done";
    VERDICT: "评判", "Judged";
    CHAIN: "下令渠道", "Channels";
    O_IN_TIME: "按时", "in time";
    O_LATE: "超时 {t}", "{t} late";
    O_MISSING: "未出动", "never moved";
    O_ABSENT: "未报到", "never reported";
    O_UNJUDGED: "未评判", "not judged";
    O_EXCUSED: "中途撤出", "released";
    RESPOND: "报到", "Reporting";

    BARS: "出动与到场用时", "How long setting out and arriving took";
    L_CLAIMED: "报称出动", "says it moves";
    L_SEEN: "位置显示出动", "seen moving";
    L_THERE: "到场", "arrived";
    L_LIMIT: "集结时限 {t}", "muster clock {t}";

    CLAIMS: "所报与所见", "What was claimed, what was seen";
    SAYS_MOVES: "报称出动", "Says it moves";
    SEEN_MOVES: "位置显示出动", "Seen moving";
    SAYS_THERE: "报称到场", "Says it is there";
    SEEN_THERE: "位置显示到场", "Seen there";
    COMPARED: "核对", "Compared";
    TOLD: "补报 {t}", "told {t}";
    DOUBTED: "存疑 {t}", "doubted {t}";
    AGREES: "相符", "agrees";
    NO_POSITIONS: "无位置可核对", "no positions";
    METRES: "{n} 米", "{n} m";

    MAP: "现场与行进轨迹", "The scene, and everybody's way";
    NO_MAP: "没有现场坐标，也没有轨迹记录。", "No position of the scene and no tracks are known.";
    NO_MAP_SENSITIVE: "涉及敏感对象，您的权限内不显示位置。", "It concerns a person in trouble: with your clearance no position is shown.";
    NO_TRACKS: "没有这些单位的轨迹记录（未上报位置，或已超过保存期）。", "No tracks of these units: they told no positions, or those are kept no longer.";
    KILOMETRES: "{n} 公里", "{n} km";

    TIMELINE: "时间线", "Timeline";
    ABOUT_SEEN: "位置显示：{what}", "by its position: {what}";
    ABOUT_METRES: "距现场 {n} 米", "{n} m from the scene";
    ABOUT_MUSTER: "出动时限", "muster clock";
    ABOUT_RESPOND: "报到时限", "arrival clock";
    HAPPENED: "发生于 {t}", "happened at {t}";
    MESSAGES: "消息与确认", "Messages, and who saw them";
    NO_MESSAGES: "没有消息", "No messages";
    SEEN_BY: "已确认：{who}", "Seen by {who}";
    SEEN_NONE: "无人确认", "Seen by nobody";

    EVALUATION: "处置评价", "Evaluation";
    EVALUATE_WHY: "由发起方在结束后七天内逐家评价，1 至 5 分。", "Whoever asked rates each organisation within seven days, 1 to 5.";
    NOT_RATED: "尚未评价", "Not rated yet";
    STARS: "{n} 分", "{n} of 5";
    WORD: "评语（可不填）", "A word with it (optional)";
    SCORE: "评分", "Score";
}
