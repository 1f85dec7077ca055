//! The sentences of shifts and of handing them over.

use super::Text;

catalogue! {
    SHIFT: "值班交接", "Shift hand-over";
    ON_SHIFT: "{name} 值班，{t}起", "{name} is on shift since {t}";
    NOBODY: "当前无人值班", "Nobody is on shift";
    NOBODY_WHY: "开始值班后，紧急短信和电话首先联系值班人", "Whoever is on shift is the first to get urgent messages and calls";
    NO_ROOM: "本岗位没有值班室", "This post belongs to no room";
    NO_ROOM_WHY: "县中心、指挥室、平台和部门的人员可以在此交接班", "People of the centre, command rooms, platforms and units hand their shifts over here";
    BEGIN: "开始值班", "Begin the shift";
    END: "结束值班", "End the shift";
    OFFER: "签字交班", "Sign and hand over";
    OFFERED: "{name} 已签字交班（{t}），等待接班人签收", "{name} signed at {t}; whoever comes has to sign";
    WITHDRAW: "撤回交班", "Take it back";
    TAKE: "签字接班", "Sign and take over";
    TAKE_UNSIGNED: "未签字接班", "Take over unsigned";
    TAKE_UNSIGNED_WHY: "值班人未交班即离岗时，由负责人说明原因后接班", "Where whoever was on shift left without a word, the head takes over and says why";
    WAIT_FOR: "请{name}先签字交班", "{name} has to sign first";
    TO: "接班人", "Who comes";
    TO_ANYBODY: "本岗位任何人", "Anybody of the room";
    NOTE: "还需交代", "What else there is to know";
    REMARK: "接班备注", "Remark";
    REASON: "接班原因", "Reason";
    OWED: "交接事项", "What is handed over";
    OWED_NONE: "没有红灯和承诺事项", "No red lamps and no promises";
    OWED_NONE_WHY: "可以直接结束值班", "The shift may simply end";
    MORE: "另有 {n} 项未列出", "{n} more are not listed";
    RED_LAMP: "红灯", "Overdue";
    ORDER: "督查单待答复", "Order to answer";
    PROMISED: "已延期", "Extended";
    WAITING: "挂起", "Suspended";
    LATE: "超 {t}", "{t} late";
    DUE: "余 {t}", "{t} left";
    INCIDENT: "事件", "Incident";
    NUMBER: "编号", "Number";
    WHAT: "事由", "Why";
    WHEN: "时限", "Due";
    PAST: "交接记录", "Hand-overs";
    PAST_NONE: "还没有交接记录", "No hand-over yet";
    PAST_NONE_WHY: "双方签字后的交接会留在这里", "What both have signed stays here";
    FROM_TO: "{from} → {to}", "{from} → {to}";
    COUNTED: "{n} 项", "{n} matters";
    ADDED: "签字之间新增 {n} 项", "{n} more between the signatures";
    ROOMS: "各岗值班", "Who is on shift";
}
