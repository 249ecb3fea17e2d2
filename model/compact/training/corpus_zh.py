"""Templates and words of the Chinese part of the corpus."""

# ruff: noqa: E501 -- lists of choices, filled to the width of the editor

from __future__ import annotations

GRAMMAR = {
    "line": """
        {say} | {say} | {say} | {chat} | {chat} | {ask} | {ask} | {long} | {long} | {say}{say} | {call},{say} |
        {chat}{ask} | {num} | {cry}
    """,
    "say": """
        {who}{when}{act}了。 | {who}在{place}{act}。 | {who}觉得{thing}{very}{adj}。 | 这{thing}真的{very}{adj}。 |
        {who}想{act},可是{reason}。 | {thing}比{thing}更{adj}。 | {who}从来没有{act}过。 | {when}的{place}{very}{adj}。 |
        我把{thing}放在{place}了。 | {who}说{thing}被{who}拿走了。 | {place}里有很多{adj}的{thing}。 |
        {who}一边{act},一边{act}。 | 只要{who}{act},{thing}就会变得{adj}。 | {who}给{who}买了{thing}。 |
        {adj}的{thing}让人{feel}。 | {who}正准备{act}。 | 请把{thing}递给{who}。 | {when}我们一起{act}吧。
    """,
    "chat": """
        {cry},{thing}{very}{adj}! | 欢迎来到{place}! | 谢谢{who}送的{thing}! | 晚安,{when}见。 | 我{very}{feel}。 |
        没关系,慢慢来。 | 好的,我知道了。 | 等一下,我先{act}。 | 哈哈,你{very}{adj}! | 别担心,{who}会{act}的。 |
        嗯,{who}也{very}{feel}。 | 大家好,我是{who}。 | 再来一次! | 不行,{reason}。 | 加油,{who}! | 太{adj}了吧!
    """,
    "ask": """
        {who}{when}{act}吗? | 你喜欢{adj}的{thing}吗? | 为什么{who}不{act}呢? | {thing}在哪里? | 谁在{place}{act}? |
        {when}要不要{act}? | 这{thing}多少钱? | 你见过{adj}的{thing}吗? | {who}怎么{very}{feel}? | 你要{thing}还是{thing}?
    """,
    "long": """
        {when},{who}在{place}{act}的时候,突然看见了一个{adj}的{thing},心里{very}{feel}。 |
        虽然{thing}{very}{adj},但是{who}还是决定{act},因为{reason}。 |
        如果{when}{who}能够{act},那么{place}就会变得{very}{adj}。 |
        {who}告诉我,{when}去{place}{act}的人{very}多,所以最好早一点出发。 |
        {thing}、{thing}和{thing}都在{place},{who}可以随便挑。 |
        听说{who}{when}要去{place}{act},{who}听了以后{very}{feel},一晚上都没有睡着。
    """,
    "num": """
        今天是{number}号,一共来了{number}个人。 | {thing}只要{number}块钱。 | {who}跑了{number}米。 | 温度是{number}度。 |
        第{number}页写着{thing}。 | 还有{number}分钟就开始了。
    """,
    "call": "{who} | 喂 | 你看 | 对了 | 说起来 | 其实 | 不过 | 然后 | 老实说 | 听我说",
    "cry": "哇 | 哎呀 | 天哪 | 啊 | 哼 | 唉 | 真是的 | 太好了 | 糟糕 | 嘿 | 什么 | 不会吧 | 怎么可能",
    "who": """
        我 | 你 | 他 | 她 | 我们 | 大家 | 妈妈 | 爸爸 | 老师 | 小猫 | 小狗 | 哥哥 | 妹妹 | 朋友们 | 医生 | 司机 | 国王 | 小明 |
        晓雪 | 李娜 | 王叔叔 | 张医生 | 观众朋友 | 爷爷 | 奶奶 | 邻居 | 同学 | 主播 | 画家 | 作家 | 船长 | 护士 | 厨师 | 弟弟
    """,
    "when": """
        今天 | 明天 | 昨天 | 早上 | 晚上 | 刚才 | 周末 | 春天 | 夏天 | 秋天 | 冬天 | 下午 | 后天 | 去年 | 小时候 | 半夜 | 每天 |
        星期三 | 八月 | 放学以后 | 吃完饭 | 天亮之前 | 下雨的时候 | 不久以后
    """,
    "place": """
        公园 | 学校 | 图书馆 | 海边 | 山上 | 超市 | 医院 | 车站 | 厨房 | 直播间 | 北京 | 上海 | 森林 | 城堡 | 飞机场 | 博物馆 | 咖啡店 |
        院子 | 河边 | 月球 | 剧院 | 花园 | 教室 | 码头 | 小镇 | 屋顶 | 书房 | 操场 | 西湖 | 广场 | 地铁 | 草原
    """,
    "act": """
        唱歌 | 跳舞 | 看书 | 散步 | 吃饭 | 写信 | 打篮球 | 学习英语 | 画画 | 做蛋糕 | 睡觉 | 喝茶 | 弹钢琴 | 看电影 | 聊天 | 玩游戏 |
        讲故事 | 爬山 | 游泳 | 骑自行车 | 拍照片 | 修电脑 | 买东西 | 找钥匙 | 种花 | 下棋 | 数星星 | 包饺子 | 洗衣服 | 打扫房间 |
        练习书法 | 等公共汽车 | 放风筝 | 准备考试 | 录节目 | 研究历史 | 回答问题 | 安慰朋友 | 坐火车 | 追兔子
    """,
    "thing": """
        苹果 | 雨伞 | 电影 | 手机 | 故事 | 月亮 | 太阳 | 花 | 礼物 | 音乐 | 蛋糕 | 照片 | 面条 | 火车 | 问题 | 声音 | 衣服 | 椅子 | 游戏 |
        眼睛 | 头发 | 小鸟 | 西瓜 | 饺子 | 帽子 | 信 | 梦 | 雪 | 风 | 石头 | 蝴蝶 | 玻璃 | 钥匙 | 城市 | 海洋 | 歌曲 | 秘密 | 葡萄 | 围巾 |
        老虎 | 熊猫 | 字典 | 牛奶 | 飞船 | 计划 | 消息 | 味道 | 颜色 | 春卷 | 机器人
    """,
    "adj": """
        漂亮 | 可爱 | 安静 | 热闹 | 奇怪 | 新鲜 | 危险 | 重要 | 简单 | 复杂 | 温暖 | 寒冷 | 明亮 | 神秘 | 好吃 | 便宜 | 古老 | 聪明 |
        勇敢 | 温柔 | 有趣 | 无聊 | 干净 | 巨大 | 柔软 | 结实 | 珍贵 | 普通 | 遥远 | 自由 | 快 | 慢 | 高 | 远 | 甜 | 酸
    """,
    "very": "很 | 非常 | 特别 | 有点儿 | 太 | 十分 | 挺 | 真 | 越来越 | 稍微",
    "feel": """
        高兴 | 难过 | 害怕 | 生气 | 惊讶 | 感动 | 累 | 饿 | 困 | 紧张 | 放松 | 失望 | 骄傲 | 想家 | 孤单 | 满足 | 担心 | 激动 | 幸福
    """,
    "reason": """
        外面下着大雨 | 时间已经不够了 | {who}还没有来 | 没有人愿意帮忙 | 路实在太远 | 钱包忘在家里了 | {place}今天关门 |
        {thing}突然坏了 | 谁也不知道答案 | 医生说要多休息 | 票早就卖光了 | 这件事很重要
    """,
}
