// The voices that come with the server, introduced in Chinese; in English the server introduces them itself.

const CAST = {
  hoshino: "女 · 音高偏高,二十岁上下:明亮亲切,爱笑的主播",
  lingyin: "少女 · 音很高,十几岁:甜美俏皮",
  yuki: "少女 · 音高而暗,十几岁:害羞,轻声细语",
  ruoxi: "女 · 中音,清亮,二十多岁:机敏,主持与讲解",
  aoi: "女 · 中音,二十多岁:温柔体贴,陪观众聊天",
  ruby: "女 · 中音,三十岁上下:直爽有活力,唱歌打游戏",
  wanqing: "女 · 低音,四十岁上下:沉静温暖,深夜讲故事",
  clara: "女 · 低音,清晰,四十岁上下:沉稳,播报新闻",
  iris: "女 · 音很低,三十岁上下:冷静干练",
  ren: "少年 · 男声中偏高,十几岁:好奇,爱逗人",
  kaito: "男 · 音高偏高,二十岁上下:活泼,游戏解说",
  leo: "男 · 中音,三十岁上下:自信的脱口秀主持",
  takumi: "男 · 中音,清晰,三十岁上下:耐心,教学示范",
  yunfei: "男 · 中音,清晰,三十岁上下:赛事与活动主持",
  oliver: "男 · 低音,五十岁上下:从容的旁白",
  atlas: "男 · 音很低而暗,五十岁上下:庄重,预告片之声",
};

/** {title, about} of a voice: its name in its own script, and who it is. */
export function introduce({ name, description = "", languages = [] }, language) {
  const [, own, rest] = /^(\S+) · (.*)$/s.exec(description) ?? [null, "", description];
  const about = (language === "zh" && CAST[name]) || rest || languages.join(" ");
  return { title: own && own.toLowerCase() !== name ? `${name} ${own}` : name, about: about[0] ? about[0].toUpperCase() + about.slice(1) : "" };
}
