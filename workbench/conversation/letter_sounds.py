"""Rules that turn English spelling into phones, letter by letter.

Each rule is ``left[letters]right=PHONES``; for a letter the first rule that fits wins. Contexts may hold
letters, a word boundary (a space on the right, ``_`` on the left) and these classes::

    #  one or more vowels          :  zero or more consonants     ^  one consonant
    .  one voiced consonant        +  one of e i y                %  -er -e -es -ed -ing -ely
    &  a sibilant (s c g z x j ch sh)                             @  t s r d l z n j th ch sh

Source: after Elovitz, Johnson, McHugh & Shore (1976), Automatic Translation of English Text to Phonetics by
Means of Letter-to-Sound Rules, NRL Report 7948 (public domain), shortened, with ARPAbet phones.
"""

import re
from functools import lru_cache

_RULES = """
[a] =AH; [are] =AA R; [ar]o=AH R; [ar]#=EH R; ^[as]#=EY S; [a]wa=AH; [aw]=AO; :[any]=EH N IY; [a]^+#=EY
#:[ally]=AH L IY; [al]#=AH L; [again]=AH G EH N; #:[ag]e=IH JH; [a]^+:#=AE; :[a]^+ =EY; [a]^%=EY
[arr]=AH R; :[ar] =AA R; [ar] =ER; [ar]=AA R; [air]=EH R; [ai]=EY; [ay]=EY; [au]=AO; #:[al] =AH L
#:[als] =AH L Z; [alk]=AO K; [al]^=AO L; :[able]=EY B AH L; [able]=AH B AH L; [ang]+=EY N JH; [a]=AE
[be]^#=B IH; [being]=B IY IH NG; [both] =B OW TH; [bus]#=B IH Z; [buil]=B IH L; [bb]=B; [b] =B; [b]=B
[ch]^=K; ^e[ch]=K; [ch]=CH; s[ci]#=S AY; [ci]a=SH; [ci]o=SH; [ci]en=SH; [cc]+=CH; [cc]=K; [c]+=S
[ck]=K; [com]%=K AH M; [c]=K
#:[ded] =D IH D; .e[d] =D; #:^e[d] =T; [de]^#=D IH; [do] =D UW; [does]=D AH Z; [doing]=D UW IH NG
[dow]=D AW; [du]a=JH UW; [dd]=D; [dge]=JH; [d]=D
#:[e] =; :^[e] =; :[e] =IY; #[ed] =D; #:[e]d =; [ev]er=EH V; [e]^%=IY; [eri]#=IY R IY; [eri]=EH R IH
#:[er]#=ER; [er]#=EH R; [er]=ER; [even]=IY V EH N; #:[e]w=; @[ew]=UW; [ew]=Y UW; [e]o=IY
#:&[es] =IH Z; #:[e]s =; #:[ely] =L IY; #:[ement]=M EH N T; [eful]=F UH L; [ee]=IY; [earn]=ER N
[ear]^=ER; [ead]=EH D; #:[ea] =IY AH; [ea]su=EH; [ea]=IY; [eigh]=EY; [ei]=IY; [eye]=AY; [ey]=IY
[eu]=Y UW; [e]=EH
[ful]=F UH L; [ff]=F; [f]=F
[giv]=G IH V; [g]i^=G; [ge]t=G EH; su[gges]=G JH EH S; [gg]=G; b#[g]=G; [g]+=JH
[great]=G R EY T; #[gh]=; [g]=G
[hav]=HH AE V; [here]=HH IY R; [hour]=AW ER; [how]=HH AW; [h]#=HH; [h]=
_[in]=IH N; _[i] =AY; [ier]=IY ER; #:r[ied] =IY D; [ied] =AY D; [ien]=IY EH N; [ie]t=AY EH; :[i]%=AY
[i]%=IY; [ie]=IY; [i]^+:#=IH; [ir]#=AY R; [iz]%=AY Z; [is]%=AY Z; [i]d%=AY; +^[i]^+=IH; [i]t%=AY
#:^[i]^+=IH; [i]^+=AY; [ir]=ER; [igh]=AY; [ild]=AY L D; [ign] =AY N
[ign]^=AY N; [ign]%=AY N
[ique]=IY K; [i]=IH
[j]=JH
_[k]n=; [k]=K
[lo]c#=L OW; l[l]=; #:^[l]%=AH L; [lead]=L IY D; [l]=L
[mov]=M UW V; m[m]=; [m]=M
e[ng]+=N JH; [ng]r=NG G; [ng]#=NG G; [ngl]%=NG G AH L; [ng]=NG; [nk]=NG K; [now] =N AW; n[n]=; [n]=N
[of] =AH V; [orough]=ER OW; #:[or] =ER; #:[ors] =ER Z; [or]=AO R; _[one]=W AH N; [ow]=OW; _[over]=OW V ER
[ov]=AH V; [o]^%=OW; [o]^en=OW; [o]^i#=OW; [ol]d=OW L; [ought]=AO T; [ough]=AH F; [ould]=UH D; h[ou]s#=AW
[ous]=AH S; [our]=AO R; ^[ou]^l=AH; [oup]=UW P; [ou]=AW; [oy]=OY
 [oing]=OW IH NG; [oi]=OY; [oor]=AO R
[ook]=UH K; [ood]=UH D; [oo]=UW; [o]e=OW; [o] =OW; [oa]=OW; [only]=OW N L IY; _[once]=W AH N S; [on't]=OW N T
c[o]n=AA; [o]ng=AO; :^[o]n=AH; i[on]=AH N; #:[on] =AH N; #^[on]=AH N; [o]st =OW; [of]^=AO F; [other]=AH DH ER
[oss] =AO S; #:^[om]=AH M; [o]=AA
[ph]=F; [peop]=P IY P; [pow]=P AW; [put] =P UH T; p[p]=; [p]=P
[quar]=K W AO R; [qu]=K W; [q]=K
[re]^#=R IY; r[r]=; [r]=R
[sh]=SH; #[sion]=ZH AH N; [some]=S AH M; #[sur]#=ZH ER; [sur]#=SH ER; #[su]#=ZH UW; #[ssu]#=SH UW
#[sed] =Z D; #[s]#=Z; [said]=S EH D; ^[sion]=SH AH N; [s]s=; .[s] =Z; #:.e[s] =Z; #:^##[s] =Z; #:^#[s] =S
u[s] =S; :#[s] =Z; [sch]=S K; [s]c+=; #[sm]=Z AH M; [s]=S
[the] =DH AH; [to] =T UW; [that] =DH AE T; [this] =DH IH S; [they]=DH EY; [there]=DH EH R; [ther]=DH ER
[their]=DH EH R; [than] =DH AE N; [them] =DH EH M; [these] =DH IY Z; [then]=DH EH N; [through]=TH R UW
[those]=DH OW Z; [though] =DH OW; [thus]=DH AH S; [th]=TH; #:[ted] =T IH D; s[ti]#n=CH; [ti]o=SH; [ti]a=SH
[tien]=SH AH N; [tur]#=CH ER; [tu]a=CH UW; [two]=T UW; t[t]=; [tch]=CH; [t]=T
_[un]i=Y UW N; _[un]=AH N; [upon]=AH P AO N; @[ur]#=UH R; [ur]#=Y UH R; [ur]=ER; [u]^ =AH; [u]^^=AH
[uy]=AY; g[u]#=; g[u]%=; g[u]#=W; #n[u]=Y UW; @[u]=UW; [u]=Y UW
[view]=V Y UW; [v]=V
[were]=W ER; [wa]s=W AA; [wa]t=W AA; [wa]n=W AA; [where]=W EH R; [what]=W AA T; [whol]=HH OW L
[who]=HH UW; [wh]=W
[war]=W AO R; [wor]^=W ER; _[wr]=R; [w]=W
[x]=K S
[young]=Y AH NG; [you]=Y UW; [yes]=Y EH S; _[y]=Y; #:^[y] =IY; #:^[y]i=IY; :[y] =AY
:[y]#=AY
:[y]^+:#=IH; :[y]^#=AY; [y]=IH
[zz]=Z; [z]=Z
"""

_CLASSES = {
    "#": "[aeiouy]+",
    ":": "[^aeiouy ]*",
    "^": "[^aeiouy ]",
    ".": "[bdvgjlmnrwz]",
    "+": "[eiy]",
    "%": "(?:er|e|es|ed|ing|ely)",
    "&": "(?:ch|sh|[scgzxj])",
    "@": "(?:th|ch|sh|[tsrdlznj])",
}


def _pattern(context: str) -> str:
    return "".join(_CLASSES.get(sign, re.escape(sign)) for sign in context)


@lru_cache(maxsize=1)
def _compiled() -> dict[str, list[tuple[str, re.Pattern[str], re.Pattern[str], tuple[str, ...]]]]:
    """Return the rules by first letter: letters, left and right patterns, phones."""
    rules: dict[str, list[tuple[str, re.Pattern[str], re.Pattern[str], tuple[str, ...]]]] = {}
    for written in re.split(r"[;\n]", _RULES):
        if not written.strip():
            continue
        left, rest = written.split("[", 1)
        letters, rest = rest.split("]", 1)
        right, phones = rest.split("=", 1)
        left = left.strip().replace("_", " ")
        rule = (
            letters,
            re.compile(f"(?:{_pattern(left)})$"),
            re.compile(_pattern(right)),
            tuple(phones.split()),
        )
        rules.setdefault(letters[0], []).append(rule)
    return rules


def sounds_from(word: str) -> tuple[str, ...]:
    """Return ARPAbet phones for one lower-case word; signs outside a-z and ' are silent."""
    padded = f" {word} "
    rules = _compiled()
    phones: list[str] = []
    place = 1
    while place < len(padded) - 1:
        for letters, left, right, sounds in rules.get(padded[place], ()):
            if (
                padded.startswith(letters, place)
                and right.match(padded, place + len(letters))
                and left.search(padded[:place])
            ):
                phones.extend(sound for sound in sounds if phones[-1:] != [sound])
                place += len(letters)
                break
        else:
            place += 1
    return tuple(phones)
