//! The sentences of the replay.

use super::Text;

catalogue! {
    REPLAY: "回放", "Replay";
    TO_REPLAY: "回放", "Replay";
    REPLAY_SESSION: "回放这场指挥", "Replay this session";
    NOT_NOW: "这是过去的记录，不是现在", "This is a record of the past, not the present";
    NO_REPLAY: "您的岗位不能回放", "Your post may not look back";
    NO_REPLAY_WHY: "回放含有人员去向，只对在岗人员开放", "A replay shows where people were; it is for those on duty";
    TIME: "回放时刻", "Time shown";
    SCRUB: "时间轴", "Timeline";
    PLAY: "播放", "Play";
    PAUSE: "暂停", "Pause";
    SPEED: "速度", "Speed";
    STEP_BACK: "后退 {t}", "Back {t}";
    STEP_ON: "前进 {t}", "On {t}";
    SPAN: "时间范围", "Span";
    HOURS: "{n} 小时", "{n} h";
    DAY: "一天", "Day";
    PREV: "上一个", "Previous";
    NEXT: "下一个", "Next";
    K_ANY: "关键时刻", "Moment";
    K_RED: "红灯", "Red lamp";
    K_ORDER: "下令", "Orders sent";
    K_SESSION: "启动指挥", "Session opened";
    K_ENDED: "指挥结束", "Session ended";
    K_MODE: "平战切换", "Peace and war";
    SEEKING: "正在回到 {t}", "Going to {t}";
    BUFFERING: "正在读取记录", "Reading the record";
    AT_END: "已到最新记录", "At the end of the record";
    NO_MORE: "没有更多「{what}」了", "None further: {what}";
    UNKNOWN_SESSION: "找不到这场指挥，或您无权查看", "There is no such session, or it is not yours to see";
    EVENTS: "{n} 条记录", "{n} events";
    KEYS: "空格 播放 · ← → 步进 · [ ] 上一个/下一个", "space plays · ← → step · [ ] previous/next";
}
