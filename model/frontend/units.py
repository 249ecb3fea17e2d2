"""Units of measure written in Latin letters, as each language says them."""

from __future__ import annotations

CHINESE = {
    "mm": "毫米", "cm": "厘米", "dm": "分米", "m": "米", "km": "千米", "KM": "千米", "nm": "纳米", "μm": "微米", "um": "微米",
    "mg": "毫克", "g": "克", "kg": "千克", "KG": "千克", "Kg": "千克", "t": "吨", "ml": "毫升", "mL": "毫升", "ML": "毫升", "L": "升",
    "m²": "平方米", "㎡": "平方米", "m2": "平方米", "km²": "平方千米", "cm²": "平方厘米", "m³": "立方米", "cm³": "立方厘米",
    "km/h": "千米每小时", "m/s": "米每秒", "m/s²": "米每二次方秒", "Hz": "赫兹", "kHz": "千赫兹", "KHz": "千赫兹", "MHz": "兆赫兹",
    "GHz": "吉赫兹", "V": "伏", "kV": "千伏", "W": "瓦", "kW": "千瓦", "KW": "千瓦", "kWh": "千瓦时", "mA": "毫安", "mAh": "毫安时",
    "dB": "分贝", "Pa": "帕", "kPa": "千帕", "J": "焦耳", "kJ": "千焦", "kcal": "千卡", "cal": "卡", "Mbps": "兆比特每秒",
    "Gbps": "吉比特每秒", "bps": "比特每秒", "ms": "毫秒", "s": "秒", "min": "分钟", "h": "小时", "px": "像素", "fps": "帧每秒",
    "rpm": "转每分", "Ω": "欧姆", "ha": "公顷", "inch": "英寸", "ft": "英尺", "mph": "英里每小时",
}  # fmt: skip

ENGLISH = {
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "km": "kilometer", "nm": "nanometer", "mg": "milligram", "g": "gram",
    "kg": "kilogram", "lb": "pound", "lbs": "pound", "oz": "ounce", "ml": "milliliter", "mL": "milliliter", "L": "liter", "l": "liter",
    "ft": "foot", "in": "inch", "mi": "mile", "yd": "yard", "mph": "mile per hour", "km/h": "kilometer per hour",
    "m/s": "meter per second", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "KB": "kilobyte", "kB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "Mbps": "megabit per second", "Gbps": "gigabit per second", "W": "watt",
    "kW": "kilowatt", "kWh": "kilowatt hour", "V": "volt", "mAh": "milliamp hour", "dB": "decibel", "ms": "millisecond", "s": "second",
    "sec": "second", "secs": "second", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "fps": "frame per second",
    "px": "pixel", "kcal": "kilocalorie", "cal": "calorie", "m²": "square meter", "m³": "cubic meter",
}  # fmt: skip

JAPANESE = {
    "mm": "ミリメートル", "cm": "センチメートル", "m": "メートル", "km": "キロメートル", "mg": "ミリグラム", "g": "グラム", "kg": "キログラム",
    "t": "トン", "ml": "ミリリットル", "mL": "ミリリットル", "L": "リットル", "m²": "平方メートル", "km/h": "キロメートル毎時", "m/s": "メートル毎秒",
    "Hz": "ヘルツ", "kHz": "キロヘルツ", "MHz": "メガヘルツ", "GHz": "ギガヘルツ", "KB": "キロバイト", "MB": "メガバイト", "GB": "ギガバイト",
    "TB": "テラバイト", "W": "ワット", "kW": "キロワット", "V": "ボルト", "dB": "デシベル", "kcal": "キロカロリー", "ms": "ミリ秒", "min": "分",
    "fps": "フレーム毎秒", "px": "ピクセル", "Mbps": "メガビーピーエス", "Gbps": "ギガビーピーエス",
}  # fmt: skip

KOREAN = {
    "mm": "밀리미터", "cm": "센티미터", "m": "미터", "km": "킬로미터", "mg": "밀리그램", "g": "그램", "kg": "킬로그램", "t": "톤",
    "ml": "밀리리터", "mL": "밀리리터", "L": "리터", "m²": "제곱미터", "km/h": "킬로미터 퍼 아워", "Hz": "헤르츠", "kHz": "킬로헤르츠",
    "MHz": "메가헤르츠", "GHz": "기가헤르츠", "KB": "킬로바이트", "MB": "메가바이트", "GB": "기가바이트", "TB": "테라바이트", "W": "와트",
    "kW": "킬로와트", "V": "볼트", "dB": "데시벨", "kcal": "킬로칼로리", "ms": "밀리초", "fps": "프레임", "px": "픽셀",
}  # fmt: skip
