"""Which language headers are written in, where it is neither German nor English."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

OTHER = "other"
"""A language that the vocabulary knows and that cannot be told from its neighbours."""

DAY_FIRST = frozenset({"de", "es", "pt", "fr", "it", "nl", "pl", "ru", "tr", OTHER})
"""Languages whose readers write the day before the month, and a comma before the decimals."""

_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "es": "fecha etapa empresa cliente importe monto cierre responsable contacto oportunidad negocio próximo próxima siguiente"
        " estado creación última último probabilidad vendedor comercial origen motivo pérdida actividad teléfono ciudad correo"
        " nombre asunto valor dueño embudo moneda del paso seguimiento propietario",
        "pt": "data etapa funil empresa cliente valor fechamento responsável contato oportunidade negócio próxima próximo tarefa"
        " estado situação criação última último probabilidade vendedor origem motivo perda atividade telefone cidade nome"
        " previsão moeda fonte da do campanha qualificação",
        "fr": "date étape société entreprise montant clôture responsable contact opportunité affaire prochaine prochain relance"
        " statut création dernière dernier probabilité commercial source motif perte activité téléphone ville nom propriétaire"
        " objet signature devis interlocuteur de du prévue prévisionnelle observations",
        "it": "data fase azienda cliente importo valore chiusura responsabile contatto opportunità trattativa prossima prossimo"
        " stato creazione ultima ultimo probabilità venditore origine motivo perdita attività telefono città nome proprietario"
        " oggetto di della valuta",
        "nl": "datum fase bedrijf klant bedrag waarde afsluitdatum sluitingsdatum verantwoordelijke contactpersoon volgende actie"
        " status aangemaakt laatste kans slagingskans eigenaar bron reden verlies verkoper verwachte van",
        "pl": "data etap firma klient kwota wartość zamknięcia odpowiedzialny kontakt szansa następny krok status utworzenia"
        " ostatnia prawdopodobieństwo handlowiec źródło powód utraty opiekun nazwa waluta",
        "tr": "tarih aşama firma şirket müşteri tutar kapanış sorumlu kişi fırsat sonraki adım durum oluşturma son olasılık"
        " satış kaynak neden ad unvan",
    }.items()
}
"""Words of headers as they are written there, with their accents."""

_CYRILLIC = re.compile(r"[а-яё]")
_LEAST_WORTH = 1.5


def tongue_of(headers: Iterable[str]) -> str:
    """The language of most of the words that only few languages share.

    Parameters
    ----------
    headers : iterable of str

    Returns
    -------
    str
        ``es``, ``pt``, ``fr``, ``it``, ``nl``, ``pl``, ``ru``, ``tr``, or ``other``.

    Examples
    --------
    >>> tongue_of(["empresa", "etapa", "importe_eur", "cierre_previsto"])
    'es'
    >>> tongue_of(["Стадия", "Сумма"]), tongue_of(["Total", "Z1"])
    ('ru', 'other')
    """
    worth: dict[str, float] = defaultdict(float)
    for header in headers:
        text = unicodedata.normalize("NFC", header).casefold()
        if _CYRILLIC.search(text):
            worth["ru"] += 1
            continue
        for word in re.findall(r"[^\W\d_]+", text):
            spoken = [language for language, words in _WORDS.items() if _has(words, word)]
            for language in spoken:
                worth[language] += 1 / len(spoken)
    ranked = sorted(worth.items(), key=lambda pair: -pair[1])[:2]
    told = ranked and ranked[0][1] >= _LEAST_WORTH and (len(ranked) < 2 or ranked[0][1] > ranked[1][1])
    return ranked[0][0] if told else OTHER


def _has(words: frozenset[str], word: str) -> bool:
    """Whether a word is among them, with its accents or without any."""
    return word in words or any(_bare(known) == word for known in words)


def _bare(word: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark))
