//! Every sentence of the wall and of the start page, in both languages side by side.

use super::Text;

catalogue! {
    APP: "网格灯", "Gridlamp";
    APP_LEAD: "县域社会治理中心：一张图、一盏灯、一条日志", "One map, one lamp, one log for a county governance centre";
    OTHER_LANG: "English", "中文";
    CENTRE: "{county}社会治理中心", "{county} Governance Centre";
    CENTRE_PLAIN: "县社会治理中心", "County Governance Centre";
    WHOLE_COUNTY: "全县", "Whole county";
    SCOPE_COUNTS: "{t} 镇街 · {v} 村社 · {g} 网格", "{t} townships · {v} villages · {g} grids";
    MODE_PEACE: "平时", "Routine";

    LINK_CONNECTING: "连接中", "Connecting";
    LINK_LIVE: "实时", "Live";
    LINK_LOST: "已断开 · 自 {t}", "Link lost since {t}";
    LINK_NONE: "连接不上服务器", "Cannot reach the server";
    LINK_DEGRADED: "降级 · 自 {t}", "Degraded since {t}";
    LINK_UNPAIRED: "本屏已解除配对", "This screen was unpaired";
    LINK_OUTDATED: "内容有变，正在重新载入", "Changed, reloading";
    LINK_REFUSED: "订阅被拒：请检查范围", "Subscription refused: check the scope";
    AGE_SECONDS: "{n} 秒前", "{n} s ago";
    AGE_MINUTES: "{n} 分钟前", "{n} min ago";
    STALE_SINCE: "数据停在 {t}", "As of {t}";

    SOUND_ON: "声音已开", "Sound on";
    SOUND_OFF: "静音 · 点按开启", "Muted, tap to enable";
    REFIT: "自动视野", "Auto view";
    REFIT_LOCKED: "视野已锁定 · 点按恢复", "View locked, tap to restore";

    RED_BOARD: "红灯 · 超期未办", "Red lamps · overdue";
    OLDEST_FIRST: "久者在前", "oldest first";
    RED_COUNT: "件超期", "overdue";
    RED_ORDERS: "督查单 {n}", "{n} orders";
    AMBER_COUNT: "件将到期", "due soon";
    AMBER_NEXT: "最近 {t}", "next {t}";
    HELD_BY: "{org} 持有 {t}", "{org}, held {t}";
    HELD_NOBODY: "待受理 {t}", "unassigned for {t}";
    ORDER_NO: "督 {n}", "order {n}";
    MORE: "还有 {n} 件", "{n} more";
    RED_NONE: "没有超期事件", "Nothing is overdue";
    RED_NONE_WHY: "所有办理时钟都在期限内", "Every clock is within its limit";

    TODAY: "今日", "Today";
    TODAY_VS: "与昨日同时刻相比", "against yesterday at this hour";
    TODAY_SINCE: "自零时起", "since midnight";
    REPORTED: "上报", "Reported";
    ACCEPTED: "受理", "Accepted";
    CLOSED: "办结", "Closed";
    OPEN: "在办", "Open";
    OVERDUE: "超期", "Overdue";
    ON_TIME: "按时办结", "On time";
    CHART_TODAY: "今日上报", "today";
    CHART_YESTERDAY: "昨日", "yesterday";

    LEVELS: "事件等级", "By level";
    LEVEL_1: "特别重大", "Critical";
    LEVEL_2: "重大", "Major";
    LEVEL_3: "较大", "Serious";
    LEVEL_4: "一般", "Ordinary";
    LEVEL_NONE: "待定级", "Not assessed";
    COL_OPEN: "在办", "open";
    COL_AMBER: "将到期", "due soon";
    COL_RED: "超期", "overdue";
    COL_ON_TIME: "按时率", "on time";

    PLATFORMS: "四平台在办", "Platforms · open";
    TOWNSHIPS: "乡镇负荷", "Township load";
    TOWNSHIPS_ASIDE: "在办 · 将到期 · 超期", "open · due soon · overdue";
    VILLAGES: "村社负荷", "Village load";
    SOURCES: "来源渠道", "Sources";
    SOURCES_ASIDE: "今日", "today";
    ORDERS: "督查单", "Supervision orders";
    ORDERS_ASIDE: "未销 {n}", "{n} open";
    ORDERS_NONE: "没有未销督查单", "No open order";
    NOTHING_OPEN: "暂无在办事件", "Nothing is open";
    NOTHING_TODAY: "今日尚无上报", "No report yet today";

    TICKER: "事件流", "Event stream";
    TICKER_RANGE: "第 {a} – {b} 条", "No. {a} – {b}";
    TICKER_WHOLE: "无缺", "no gap";
    TICKER_GAPS: "缺 {n} 条", "{n} missing";
    TICKER_GAP: "此处缺 {n} 条", "{n} entries missing here";
    TICKER_PAUSE: "暂停", "Pause";
    TICKER_RESUME: "继续 · {n} 条新", "Resume · {n} new";
    TICKER_NONE: "还没有事件", "No event yet";
    TICKER_NONE_WHY: "来自网格、12345、110 和感知设备的上报会出现在这里", "Reports from grids, hotlines and sensors appear here";

    SENSITIVE: "敏感事件", "Sensitive incident";
    DID_REPORT: "新上报", "reported";
    DID_ACCEPT: "已受理", "accepted";
    DID_ASSESS: "已定级", "assessed";
    DID_DISPATCH: "已派单", "dispatched";
    DID_DISPATCH_TO: "已派 {org}", "dispatched to {org}";
    DID_START: "已签收处置", "taken up";
    DID_START_BY: "{org} 已签收", "taken up by {org}";
    DID_PROGRESS: "现场处置中", "first action taken";
    DID_FEED_BACK: "已反馈结果", "result fed back";
    DID_CLOSE: "已办结", "closed";
    DID_BREACH: "超期，督查单 {n}", "overdue, order {n}";
    DID_BREACH_TO: "超期，督查单 {n} 已下达 {org}", "overdue, order {n} to {org}";
    DID_OTHER: "已更新", "updated";

    MAP: "网格地图", "Grid map";
    MAP_LOADING: "正在载入地图", "Loading the map";
    MAP_FAILED: "地图无法载入", "The map cannot be loaded";
    MAP_FAILED_WHY: "本机浏览器缺少 WebGL2，或地图文件未送达", "This browser lacks WebGL2, or the map files did not arrive";
    LEGEND_RED: "超期", "overdue";
    LEGEND_AMBER: "将到期", "due soon";
    LEGEND_GREEN: "在办", "open";
    LEGEND_LOAD: "网格负荷", "grid load";

    LOADING: "载入中", "Loading";
    FAILED: "服务器未能完成此操作", "The server could not do this";
    NOT_UNDERSTOOD: "服务器的应答无法识别，请刷新页面", "The answer was not understood; reload the page";
    NO_SERVER: "服务器没有应答", "The server does not answer";
    NO_SERVER_WHY: "将自动重试；若持续出现，请联系运维。", "It is tried again by itself; if this stays, call operations.";
    NOT_HERE: "这里没有这个屏幕", "There is no such screen";
    NOT_HERE_WHY: "请从首页选择。", "Choose one from the start page.";
    TO_START: "回到首页", "Start page";
    DOOR_WALL: "大屏", "Wall";
    DOOR_WALL_WHY: "红灯、网格图、事件流", "Red lamps, grid map, event stream";
    DOOR_DESK: "工作台", "Desk";
    DOOR_FIELD: "现场终端", "Field tablet";
    DOOR_ADMIN: "管理", "Administration";
    DOOR_ADMIN_WHY: "人员、岗位、大屏、令牌、审计", "People, posts, walls, tokens, audit";
    DOORS_LEAD: "演示县：选择一个屏幕，已为您登录", "Sample county: choose a screen, you are signed in";
    START_LEAD: "选择一个屏幕", "Choose a screen";
}
