"""Texts, ordinary and odd ones."""
ODD_TEXTS = ['', ' ', 'a', "it's", '"', '\\', '\\\\"', 'a\tb', 'line\nline\r\n', '\x01\x02\x1f', '\x7f\x80\x9f', 'é ü ß', 'e\u0301', '\u2028\u2029', '\ufeff', '😀👩‍👩‍👧',
             '\U0010ffff', '\ufffd', 'null', 'NaN', '{}', '[1]', '<a>&amp;</a>', '__debezium_unavailable_value', 'x' * 260, '日本語テキスト', "''", '\b\f', '/\\/', 'trailing ', '%s%n$1']
WORDS = ['amber', 'Basalt', 'cobalt', 'dusk', 'ember', 'FLINT', 'grove', 'haze']


def words(r, low=1, high=4):
    return ' '.join(r.choice(WORDS) for _ in range(r.randint(low, high)))


def any_text(r):
    return r.choice(ODD_TEXTS) if r.random() < 0.6 else words(r)
