//! The sentences of one's own notices and of how one wants to be told.

use super::Text;

catalogue! {
    NOTICES: "通知", "Notices";
    UNREAD: "未读 {n} 条", "{n} unread";
    NONE: "没有通知", "No notices";
    NONE_WHY: "派给您单位的事项和您上报的进展会出现在这里", "What your unit has to do, and what becomes of your reports, comes here";
    READ: "标为已读", "Mark as read";
    READ_ALL: "全部标为已读", "Mark all as read";
    ACKNOWLEDGE: "收到", "Acknowledge";
    TELLING: "提醒方式", "How you are told";
    TELLING_WHY: "紧急通知不受此处设置影响", "What is urgent comes in any case";
    BY_SMS: "短信提醒", "By text message";
    PUSH_ON: "本浏览器在关闭页面后仍会收到通知", "This browser gets notices with the page closed";
    PUSH_OFF: "本浏览器仅在打开页面时收到通知", "This browser gets notices while a page is open";
    PUSH_OFF_HERE: "本系统未启用浏览器推送，打开页面时会收到通知", "Push is not set up here; notices come while a page is open";
    PUSH_UNABLE: "本浏览器不支持推送，打开页面时会收到通知", "This browser has no push; notices come while a page is open";
    PUSH_REFUSED: "浏览器已禁止本站通知，请在浏览器的网站设置中允许后重试", "The browser forbids this site's notices; allow them in its site settings and try again";
    PUSH_UNREACHABLE: "无法连接浏览器的推送服务，打开页面时仍会收到通知", "The browser's push service cannot be reached; notices still come while a page is open";
    PUSH_START: "在本浏览器接收", "Get them in this browser";
    PUSH_STOP: "停止在本浏览器接收", "Stop in this browser";
}
