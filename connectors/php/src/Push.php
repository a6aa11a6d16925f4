<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** What an answer to `PUT /api/v1/orders` means for the push queue. */
enum Push
{
    /** Orderguard has the order. */
    case Taken;

    /** Orderguard read the order and refuses it; the same order will be refused again. */
    case Refused;

    /** No answer, or an answer that is not about the order: a wrong key, a wrong address, an outage. */
    case Later;

    public const ATTEMPTS_AT_MOST = 10;

    public static function outcome(int $status, mixed $body): self
    {
        if (in_array($status, [200, 201], true)) {
            return is_array($body) && isset($body['order']) ? self::Taken : self::Later;
        }

        return in_array($status, [400, 409, 413, 422], true) ? self::Refused : self::Later;
    }

    /** Seconds until the next attempt: five minutes, then twice as long each time, a day at most. */
    public static function pause(int $attempt): int
    {
        return min(86_400, 300 * 2 ** max(0, $attempt - 1));
    }

    /** The sentence of an answer that is not a success. That of Orderguard names the field; what stands at the fields does not. */
    public static function sentence(int $status, mixed $body): string
    {
        if (0 === $status) {
            return '';
        }
        $errors = is_array($body) && is_array($body['errors'] ?? null) ? $body['errors'] : [];
        $first = reset($errors);
        $candidates = [
            $body['message'] ?? null,
            $body['error']['message'] ?? null,
            $errors['message'] ?? null,
            is_array($first) ? $first[0] ?? null : null,
        ];
        $said = array_filter($candidates, 'is_string');

        return trim($status . ' ' . mb_substr((string) reset($said), 0, 300));
    }
}
