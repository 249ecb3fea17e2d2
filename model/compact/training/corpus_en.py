"""Templates and words of the English part of the corpus."""

# ruff: noqa: E501 -- lists of choices, filled to the width of the editor

from __future__ import annotations

GRAMMAR = {
    "line": """
        {say} | {say} | {say} | {chat} | {chat} | {ask} | {ask} | {long} | {long} | {say} {say} | {call}, {say} |
        {chat} {ask} | {num} | {cry}!
    """,
    "say": """
        {who} {past} the {thing} {when}. | {who} wants to {act} {where}. | The {adj} {thing} made everyone {feel}. |
        I think the {thing} is {very} {adj}. | {who} would rather {act} than {act}. | {who} never learned to {act}. |
        There was a {adj} {thing} {where}. | We should {act} before the {thing} gets {adj}. | {who} told {who2} to {act}. |
        Please bring the {adj} {thing} {where}. | {who} is {very} {feel} about the {thing}. | It looks {very} {adj} {when}. |
        The {thing} and the {thing} are both {adj}. | {who} {past} a {thing}, a {thing}, and two {adj} chairs. |
        Somebody {past} my {thing} {where}. | {who} can't {act} because {reason}.
    """,
    "chat": """
        {cry}, that is {very} {adj}! | Welcome back to the {thing} show! | Thanks for the {thing}, {name}! |
        I'm so {feel} right now. | Okay, give me a second. | No worries, take your time. | Wait, did {who} just {act}? |
        Hang on, I need to {act} first. | Good night, see you {when}. | You're {very} {adj}, you know that? |
        Hello everyone, I'm {name}. | Let's go again! | Not today, {reason}. | Yeah, I'm {feel} too. | Oh, never mind.
    """,
    "ask": """
        Did {who2} {act} {when}? | Have you ever seen a {adj} {thing}? | Why won't {who2} {act}? | Where is the {thing}? |
        Who {past} the {adj} {thing}? | Do you want the {thing} or the {thing}? | How much is that {adj} {thing}? |
        Shall we {act} {when}? | What makes you so {feel}? | Isn't the {thing} {very} {adj}?
    """,
    "long": """
        While {who2} was trying to {act} {where}, a {adj} {thing} appeared, and suddenly everyone felt {feel}. |
        Although the {thing} was {very} {adj}, {who2} decided to {act}, because {reason}. |
        If we could {act} {when}, the {thing} would be {very} {adj}, and nobody would have to {act}. |
        {who} said that the {adj} {thing} {where} had been there for years, long before anyone {past} it. |
        First {who2} {past} the {thing}, then a {adj} {thing} fell over, and after that we all had to {act}. |
        The reason I'm {feel} is simple: {reason}, and the {thing} is still {adj}.
    """,
    "num": """
        It's {number} degrees {where}. | Only {number} people {past} the {thing}. | That costs {number} dollars. |
        Page {number} is about the {thing}. | We have {number} minutes left to {act}. | Chapter {number}, the {adj} {thing}.
    """,
    "call": "Well | Listen | You know | Honestly | Look | So | By the way | Anyway | {name} | To be fair | However | Sadly",
    "cry": "Wow | Oh no | Hey | Ah | Ugh | What | Oh my | Yes | No way | Amazing | Finally | Hooray | Stop it",
    "who": """
        I | {name} | {name} | The teacher | My brother | Her mother | The old man | Our neighbor | The captain | Everyone |
        The little girl | The doctor | Nobody | His sister | The pilot | A stranger | The children
    """,
    "who2": """
        you | {name} | the teacher | my brother | her mother | the old man | our neighbor | the captain | everyone |
        the little girl | the doctor | his sister | the pilot | a stranger | the children | we | they
    """,
    "name": """
        Anna | George | Emily | Thomas | Rachel | Oliver | Judy | Walter | Zoe | Victor | Chloe | Hugh | Yolanda | Fiona |
        Charles | Miguel | Sophia | Keith | Louise | Patrick
    """,
    "when": """
        today | tomorrow | last night | in the morning | this evening | on Friday | next week | after dinner | a year ago |
        in the spring | before sunrise | right now | every Thursday | at noon | sooner or later | once in a while
    """,
    "where": """
        in the garden | at school | by the river | under the bridge | in the kitchen | near the harbor | on the roof |
        at the airport | behind the theater | in the forest | at the market | on the moon | across the street | upstairs |
        in a quiet village | beside the fire | outside the museum | in my pocket | along the coast | inside the castle
    """,
    "act": """
        sing | dance | read a book | go for a walk | write a letter | play chess | bake bread | fix the radio | sleep |
        climb that hill | watch a movie | learn Japanese | ride a bicycle | catch the train | paint the fence | tell a joke |
        swim | cook dinner | count the stars | open the window | find the keys | answer the question | take a picture |
        leave early | buy shoes | wash the dishes | join the choir | measure the temperature | argue | celebrate |
        think it through | shout | breathe slowly | hide the treasure | pull the rope | visit Europe
    """,
    "past": """
        found | lost | bought | broke | painted | saw | loved | forgot | sold | carried | noticed | described | borrowed |
        finished | wanted | dropped | fixed | hid | enjoyed | chose | watched | moved | threw | opened | recognized
    """,
    "thing": """
        apple | umbrella | movie | phone | story | moon | letter | present | song | cake | photograph | noodle | train |
        question | voice | jacket | chair | game | bird | watermelon | hat | dream | snow | wind | stone | butterfly | window |
        key | city | ocean | secret | grape | scarf | tiger | dictionary | bottle of milk | spaceship | plan | message |
        flavor | color | robot | mirror | bridge | garage | treasure | village | feather | thunderstorm | orange juice |
        youth club | leather purse | vision | judge | church | music box | fish | zoo
    """,
    "adj": """
        beautiful | cute | quiet | noisy | strange | fresh | dangerous | important | simple | complicated | warm | cold |
        bright | mysterious | delicious | cheap | ancient | clever | brave | gentle | funny | boring | clean | huge | soft |
        sturdy | precious | ordinary | distant | free | fast | slow | high | sweet | sour | yellow | usual | thick | rough
    """,
    "very": "very | really | quite | a little | too | so | rather | extremely | not very | surprisingly",
    "feel": """
        happy | sad | afraid | angry | surprised | touched | tired | hungry | sleepy | nervous | relaxed | disappointed |
        proud | homesick | lonely | satisfied | worried | excited | jealous | grateful
    """,
    "reason": """
        it's pouring outside | there isn't enough time | nobody wants to help | the road is too long | I left my wallet at home |
        the museum is closed | the {thing} just broke | no one knows the answer | the doctor told me to rest |
        the tickets were sold out | this really matters | the weather was {adj} | {name} never called
    """,
}
