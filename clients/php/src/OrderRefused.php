<?php

declare(strict_types=1);

namespace Orderguard;

/** The order itself is wrong; pushing the same again cannot help. */
final class OrderRefused extends \RuntimeException
{
    public function __construct(public readonly int $status, public readonly mixed $body)
    {
        parent::__construct('The order was refused: ' . Core\Push::sentence($status, $body));
    }
}
