<#
.SYNOPSIS
Brings a tenant from SMTP.SendAsApp, FullAccess and SendAs to the role 'Application SMTP.SendAsApp'.
'tls-uplift tenant setup --least' wrote this script.

.DESCRIPTION
Devices send at each step, also if you stop for days. Without -Apply, the script changes nothing in the
tenant. Run it again at any time. The last line and the exit code (0 or 1) show whether a run succeeded.
Each run prints the next command:

  1. Part Exchange: tests that the mailboxes are in the scope of the role, and another one is not. Without
     the role, it prints the command of tls-uplift-tenant-setup.ps1 that makes it.
  2. After two hours, part Entra in a new window: takes the permission SMTP.SendAsApp away.
  3. On the machine of TLS Uplift, now and after two hours: tls-uplift tenant check.
  4. After two hours, part Exchange: removes FullAccess and SendAs of each mailbox that has sent since then.
     A mailbox with accounts for IMAP or POP3 keeps both. If the application has a permission for IMAP or
     POP3, each mailbox keeps FullAccess, unless you add -NoOtherSite.

The parts share a file. Keep it, and send it along if another administrator runs a part.
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [ValidateSet('Entra', 'Exchange')]
    [string]$Part = 'Exchange',
    # Makes the changes. Without it, the script only shows them.
    [switch]$Apply,
    # The application. Both parts need it.
    [string]$ApplicationId,
    # The ID of the tenant. Both parts need it.
    [string]$TenantId,
    # A mailbox that must not be in scope. Default: the script chooses some.
    [string]$OtherMailbox,
    # For step 4, and mailboxes that have not sent yet: 'tls-uplift tenant check' on the machine of TLS Uplift
    # succeeded for all mailboxes, and showed no SMTP.SendAsApp.
    [switch]$Checked,
    # Mailboxes with FullAccess of the application that never send with it, such as those that another site only opens by
    # IMAP. They do not have to be in scope.
    [string[]]$OnlyRead = @(),
    # You state that no other site uses the application. The script then does not look for FullAccess in all mailboxes, and
    # step 4 removes FullAccess also if the application may read mail by IMAP or POP3.
    [switch]$NoOtherSite,
    # For the part Entra: takes step 2 back. The application gets SMTP.SendAsApp again.
    [switch]$Back,
    # The administrator's account for the part Exchange.
    [string]$UserPrincipalName,
    # For partners: the tenant of the customer, such as contoso.onmicrosoft.com. For the part Exchange.
    [string]$DelegatedOrganization,
    # The application for the sign-in of the part Entra. The cloud 'china' needs one of your own.
    [string]$GraphClientId,
    # Signs in with a code that you type on another computer.
    [switch]$DeviceCode,
    # Signs in without the Web Account Manager of Windows. For the part Exchange.
    [switch]$DisableWAM,
    # What the steps have proven, and when.
    [string]$ProofFile
)

#SETTINGS#
#COMMON#

# Roles reach an application that sends all the time after up to two hours. Tokens with the old permission
# are valid for 60 to 90 minutes.
$Wait = 7200
$ProofLasts = 86400
$queries = 0
$Outdated = 'The last test of the scope failed, did not end, or is older than a day. Run the part Exchange again.'

# ---- The file ----

# In seconds: PowerShell 5.1 and 7 write times in different ways.
function Read-Seconds {
    [DateTimeOffset]::new((Get-Date).ToUniversalTime()).ToUnixTimeSeconds()
}

function Format-Seconds {
    param($Seconds)
    [DateTimeOffset]::FromUnixTimeSeconds([long]$Seconds).UtcDateTime.ToString('yyyy-MM-dd HH:mm') + ' UTC'
}

# The proof for this tenant and application; nothing if there is none.
function Read-Proof {
    if (-not (Test-Path -LiteralPath $ProofFile)) { return }
    $read = Read-Json $ProofFile '-ProofFile'
    if ($read.TenantId -ne $TenantId -or $read.ApplicationId -ne $ApplicationId) {
        throw "$ProofFile is for the application $($read.ApplicationId) in the tenant $($read.TenantId). Give its IDs, or another -ProofFile."
    }
    return $read
}

function Write-Proof {
    param($Proof)
    ConvertTo-Json -InputObject $Proof | Set-Content -LiteralPath "$ProofFile.new" -Encoding UTF8
    Move-Item -LiteralPath "$ProofFile.new" -Destination $ProofFile -Force
}

function Assert-Waited {
    param($Since, [string]$Why)
    $ready = [long]$Since + $Wait
    if ((Read-Seconds) -lt $ready) { throw "Too early: $Why. Devices send meanwhile. Run the same command again after $(Format-Seconds $ready)." }
}

function Show-Next {
    param([string]$Before, [string]$Script, [string]$NextPart, [string]$More = '')
    Write-Host ''
    Write-Host $Before
    Write-Host "  .\tls-uplift-tenant-$Script.ps1 -Part $NextPart -TenantId $TenantId -ApplicationId $ApplicationId$More"
}

# ---- Part Exchange ----

# The GUID of the mailbox of an address, which can be an alias.
function Find-MailboxId {
    param([string]$Address, [string]$From = 'the list at the top of this script')
    $found = @(Find-Object { Get-Mailbox -Identity $Address })
    if ($found.Count -ne 1) { throw "${Address}: the tenant has $($found.Count) such mailboxes. Correct $From." }
    "$($found[0].Guid)"
}

# True or False; anything else proves nothing: without a mailbox that it knows, Microsoft prints "Not Run". Microsoft tests the
# roles as they are now, also before they have reached all servers.
function Test-InScope {
    param([string]$Mailbox)
    $results = @(Test-ServicePrincipalAuthorization -Identity $script:ObjectId -Resource $Mailbox | Where-Object { $_.RoleName -eq $SmtpRole })
    $words = @($results | ForEach-Object { "$($_.InScope)" } | Sort-Object -Unique)
    if ($words -contains 'True') { return 'True' }
    $words -join ', '
}

# The mailboxes that the application may send from the old way: also those of another site. Microsoft asks for FullAccess;
# whether it asks for SendAs was not checked.
function Find-OldMailbox {
    Select-OwnPermission (Find-Object { Get-RecipientPermission -Trustee $script:ObjectId -ResultSize Unlimited }) |
        Where-Object { $_.AccessRights -contains 'SendAs' } | ForEach-Object { "$($_.Identity)" }
    if ($NoOtherSite) { return }
    $reads = @($OnlyRead | ForEach-Object { Find-MailboxId $_ '-OnlyRead' })
    # Exchange Online has no command that finds FullAccess of a user.
    $all = @(Get-Mailbox -ResultSize Unlimited)
    Write-Host "Looking for FullAccess of the application in $($all.Count) mailboxes. If no other site uses the application, -NoOtherSite leaves this out."
    $done = 0
    foreach ($mailbox in $all) {
        if (++$done % 100 -eq 0) { Write-Host "  $done of $($all.Count) mailboxes" }
        $id = "$($mailbox.Guid)"
        if ($reads -contains $id) { continue }
        if (Find-FullAccess $id) { $id }
    }
}

function Find-FullAccess {
    param([string]$Id)
    Select-OwnPermission (Find-Object { Get-MailboxPermission -Identity $Id -User $script:ObjectId }) | Where-Object { $_.AccessRights -contains 'FullAccess' }
}

# Whether all mailboxes are in scope, and another one is not.
function Test-Scope {
    $script:known = @{}
    foreach ($mailbox in @(@($Mailboxes) + @(Find-OldMailbox))) {
        $found = @(Find-Object { Get-Mailbox -Identity $mailbox })
        if ($found.Count -ne 1) {
            Show-Failure "${mailbox}: the tenant has $($found.Count) such mailboxes. Correct the list at the top of this script, or remove SendAs of the application there."
            continue
        }
        $guid = "$($found[0].Guid)"
        if ($known.ContainsKey($guid)) { continue }
        $known[$guid] = $true
        if ((Test-InScope "$($found[0].PrimarySmtpAddress)") -eq 'True') {
            Write-Host "in scope:      $($found[0].PrimarySmtpAddress)"
        } else {
            Show-Failure "$($found[0].PrimarySmtpAddress) is not in the scope of the role $SmtpRole. If it belongs to another site, run the script of that site first, or add -OnlyRead if that site never sends from it."
        }
    }
    if ($failures.Count -gt 0) {
        Show-Next 'This command makes the role and its scope. It removes nothing. Then run the part Exchange of this script again.' 'setup' 'Exchange' " -ObjectId $script:ObjectId -Apply"
        Write-Host 'If it says that the tenant has no such role, stay with the permission SMTP.SendAsApp.'
        return $false
    }
    $others = @(if ($OtherMailbox) {
            if ($known.ContainsKey((Find-MailboxId $OtherMailbox '-OtherMailbox'))) { throw "-OtherMailbox: $OtherMailbox must be in scope. Give a mailbox that the application must not use." }
            $OtherMailbox
        } else {
            Get-Mailbox -ResultSize 100 | Where-Object { -not $known.ContainsKey("$($_.Guid)") } | Select-Object -First 10 | ForEach-Object { "$($_.PrimarySmtpAddress)" }
        })
    $outside = @()
    foreach ($other in $others) {
        $result = Test-InScope $other
        if ($result -eq 'False') { $outside += $other } elseif ($result -eq 'True') { Write-Host "also in scope: $other" } else { Write-Host "not known:     ${other}: the test returned '$result'" }
    }
    if ($outside.Count -eq 0) {
        Show-Failure "No mailbox outside of the scope was found ($($others.Count) tested), so the role may be for all mailboxes. Check its scope, or give -OtherMailbox."
        return $false
    }
    Write-Host "not in scope:  $($outside[0])"
    return $true
}

# Those of the senders from which a message arrived after the time. The result has times in UTC.
function Find-Sender {
    param([string[]]$Senders, [long]$Since)
    $now = Get-Date
    $after = [DateTimeOffset]::FromUnixTimeSeconds($Since).UtcDateTime
    # Microsoft's limit for a query is 10 days.
    $start = $after.ToLocalTime().AddDays(-1)
    if ($start -lt $now.AddDays(-9)) { $start = $now.AddDays(-9) }
    for ($first = 0; $first -lt $Senders.Count; $first += 50) {
        Find-Message @($Senders | Select-Object -Skip $first -First 50) $start $now | Where-Object { $_.Received -ge $after } | ForEach-Object { "$($_.SenderAddress)" }
    }
}

function Find-Message {
    param([string[]]$Senders, [DateTime]$Start, [DateTime]$End)
    # Microsoft accepts 100 queries in 5 minutes.
    if ($queries -ge 90) {
        Write-Host 'Microsoft limits the search for messages: it continues in 5 minutes.'
        Start-Sleep -Seconds 300
        $script:queries = 0
    }
    $script:queries++
    $found = @(Get-MessageTraceV2 -SenderAddress $Senders -StartDate $Start -EndDate $End -ResultSize 5000)
    if ($found.Count -lt 5000 -or $Senders.Count -eq 1) { return $found }
    # A result has 5,000 messages at most, so some senders can be missing.
    $half = $Senders.Count -shr 1
    Find-Message @($Senders | Select-Object -First $half) $Start $End
    Find-Message @($Senders | Select-Object -Skip $half) $Start $End
}

# The mailboxes of which the application still has FullAccess or SendAs, and does not need them.
function Find-OldAccess {
    param($Proof)
    $kept = @($KeepAccess | ForEach-Object { Find-MailboxId $_ })
    foreach ($mailbox in $Mailboxes) {
        # One mailbox that fails must not stop the others.
        try {
            $id = Find-MailboxId $mailbox
            if ($kept -contains $id) {
                Write-Host "unchanged:     ${mailbox}: it has accounts for IMAP or POP3, which need FullAccess"
                continue
            }
            $trusted = @(Select-OwnPermission (Find-Object { Get-RecipientPermission -Identity $id -Trustee $script:ObjectId }) | Where-Object { $_.AccessRights -contains 'SendAs' })
            $access = @(Find-FullAccess $id)
            if ($access.Count -gt 0 -and -not $NoOtherSite -and -not $Proof.OnlySends) {
                Write-Host "unchanged:     ${mailbox}: FullAccess, which IMAP and POP3 of another site need. If no other site uses the application, add -NoOtherSite"
                $access = @()
            }
            if ($trusted.Count + $access.Count -gt 0) { [pscustomobject]@{ Address = $mailbox; Id = $id; SendAs = $trusted.Count -gt 0; FullAccess = $access.Count -gt 0 } }
        } catch {
            Show-Failure "${mailbox}: $($_.Exception.Message)"
        }
    }
}

function Revoke-Access {
    param($Proof)
    $old = @(Find-OldAccess $Proof)
    if ($old.Count -eq 0) { return }
    if ((Read-Seconds) - [long]$Proof.Absent -gt $ProofLasts) {
        Show-Next 'Run this in a NEW PowerShell window, and then the part Exchange again:' 'least' 'Entra'
        throw 'The last check that the application is without SMTP.SendAsApp is older than a day, or than the end of this way.'
    }
    Assert-Waited $Proof.ClaimGone 'the daemon may still have a token with SMTP.SendAsApp, for which Microsoft 365 checks FullAccess and SendAs'
    $since = [long]$Proof.ClaimGone + $Wait
    $wasGone = [bool]$Proof.AccessGone
    if (-not $Checked) { Write-Host "Exchange Online cannot see which program sent a message. If a person or another program sends from a mailbox too, first run 'tls-uplift tenant check' for it on the machine of TLS Uplift." }
    # Not $old.Address: an array has a method of this name.
    $sent = @(if (-not $Checked) { Find-Sender @($old | ForEach-Object { $_.Address }) $since })
    foreach ($mailbox in $old) {
        try {
            if (-not $Checked -and $sent -notcontains $mailbox.Address) {
                Show-Failure "$($mailbox.Address): no message from it since $(Format-Seconds $since). Send one by TLS Uplift, and run this again after some minutes. Or run 'tls-uplift tenant check' there, and add -Checked if it succeeds."
                continue
            }
            if ($Apply -and -not $Proof.AccessGone) {
                # Before the removal: if it ends halfway, the part Entra must not rely on FullAccess.
                $Proof.AccessGone = $true
                Write-Proof $Proof
            }
            if ($mailbox.SendAs) {
                Invoke-Change "$($mailbox.Address): remove SendAs of the application" {
                    Remove-RecipientPermission -Identity $mailbox.Id -Trustee $script:ObjectId -AccessRights SendAs -Confirm:$false
                }
            }
            if ($mailbox.FullAccess) {
                Invoke-Change "$($mailbox.Address): remove FullAccess of the application" {
                    Remove-MailboxPermission -Identity $mailbox.Id -User $script:ObjectId -AccessRights FullAccess -Confirm:$false
                }
            }
        } catch {
            Show-Failure "$($mailbox.Address): $($_.Exception.Message)"
        }
    }
    # A removal that failed can still have removed something.
    if ($Proof.AccessGone -and -not $wasGone -and $changes -eq 0 -and (ConvertTo-Json @(Find-OldAccess $Proof)) -eq (ConvertTo-Json $old)) {
        $Proof.AccessGone = $false
        Write-Proof $Proof
    }
    if ($Apply -and $failures.Count -eq 0) {
        # If FullAccess is given again, the tenant may be back on the old way.
        $Proof.Absent = 0
        Write-Proof $Proof
    }
}

function Invoke-ExchangePart {
    $organization = Open-Exchange
    Write-Host "Organization $($organization.Name), application $ApplicationId"
    $proof = Read-Proof
    $since = 0
    if ($proof) {
        # No earlier test counts until this one has succeeded. After one that failed, the wait begins again.
        $since = [long]$proof.Since
        $proof.Since = 0
        $proof.Proven = 0
        Write-Proof $proof
    }
    $principals = @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $ApplicationId })
    if ($principals.Count -ne 1) { throw "Exchange Online has $($principals.Count) service principals of the application $ApplicationId. Run tls-uplift-tenant-setup.ps1 -Part Exchange first." }
    $script:ObjectId = "$($principals[0].ObjectId)"
    Read-PrincipalNames
    if (-not (Test-Scope)) { return }
    if ($proof -and $proof.ClaimGone) {
        $proof.Since = $since
        $proof.Proven = Read-Seconds
        foreach ($mailbox in @($Mailboxes | Where-Object { @($proof.Mailboxes) -notcontains $_ })) {
            # It has the role alone, so it could not send after the part Entra with -Back.
            if (-not (Find-FullAccess (Find-MailboxId $mailbox))) { $proof.AccessGone = $true }
        }
        $proof.Mailboxes = @($Mailboxes)
        Write-Proof $proof
        Revoke-Access $proof
        if ($failures.Count -eq 0) { Write-Host 'Check on the machine of TLS Uplift: tls-uplift tenant check' }
        return
    }
    $now = Read-Seconds
    $new = @($known.Keys | Where-Object { -not $proof -or @($proof.Tested) -notcontains $_ })
    if ($new.Count -gt 0 -or $since -eq 0 -or $proof.ObjectId -ne $script:ObjectId) { $since = $now }
    Write-Proof ([pscustomobject]@{ TenantId = $TenantId; ApplicationId = $ApplicationId; ObjectId = $script:ObjectId; Mailboxes = @($Mailboxes); Tested = @($known.Keys); Since = $since; Proven = $now; ClaimGone = 0; Absent = 0; AccessGone = $false })
    Show-Next "Next, after $(Format-Seconds ($since + $Wait)), within a day, and in a NEW PowerShell window:" 'least' 'Entra' ' -Apply'
}

# ---- Part Entra ----

function Invoke-EntraPart {
    $proof = Read-Proof
    if (-not $proof) { throw "There is no $ProofFile. Run the part Exchange first: it tests the scope." }
    if (-not $proof.ClaimGone -and -not $Back) {
        if ((Read-Seconds) - [long]$proof.Proven -gt $ProofLasts) { throw $Outdated }
        Assert-Waited $proof.Since 'the role may not have reached all servers of Microsoft 365'
    }
    $missing = @($Mailboxes | Where-Object { @($proof.Mailboxes) -notcontains $_ })
    if ($missing.Count -gt 0) { throw "$($missing -join ', '): not tested yet. Run the part Exchange again." }

    Open-Graph @('Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All')
    $found = @(Get-MgApplication -Filter "appId eq '$ApplicationId'" -All)
    if ($found.Count -ne 1) { throw "The tenant has no application with the ID $ApplicationId." }
    $application = Get-MgApplication -ApplicationId $found[0].Id -Property 'id,appId,displayName,keyCredentials'
    $hasCertificate = @($application.KeyCredentials | Where-Object { $_ -and (Test-OwnCertificate $_) }).Count -gt 0
    if (-not $hasCertificate -and $application.DisplayName -ne $Name) {
        throw "The application $ApplicationId is called '$($application.DisplayName)', and does not have the certificate of TLS Uplift. Check the ID."
    }
    $principal = Get-MgServicePrincipal -Filter "appId eq '$ApplicationId'"
    if (-not $principal -or $principal.Id -ne $proof.ObjectId) {
        throw "The enterprise application has the object ID $($principal.Id), but the scope was tested for $($proof.ObjectId). Run the part Exchange again."
    }
    $resource = Get-MgServicePrincipal -Filter "appId eq '$ExchangeOnline'"
    $claim = @($resource.AppRoles | Where-Object { $_.Value -eq 'SMTP.SendAsApp' })
    if ($claim.Count -ne 1) { throw 'Office 365 Exchange Online has no application permission SMTP.SendAsApp in this tenant.' }

    $assignments = @(Find-Claim $principal $resource $claim[0])
    if ($Back) {
        if ($proof.AccessGone) { throw 'Without FullAccess, the application cannot send with SMTP.SendAsApp. First run tls-uplift-tenant-setup.ps1 with -Classic: the part Exchange, and then the part Entra.' }
        # First the file: with it, the part Exchange would remove FullAccess, which the permission needs.
        if ($Apply) { Clear-Proof $proof }
        if ($assignments.Count -eq 0) {
            $null = Invoke-Change 'grant SMTP.SendAsApp again, with admin consent' {
                New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id -ResourceId $resource.Id -AppRoleId $claim[0].Id
            }
        }
        return
    }
    if ($assignments.Count -gt 0 -and (Read-Seconds) - [long]$proof.Proven -gt $ProofLasts) { throw $Outdated }
    if ($assignments.Count -gt 0 -and $proof.ClaimGone -and -not $proof.AccessGone) {
        Clear-Proof $proof
        throw 'Somebody has granted SMTP.SendAsApp again, so devices send the old way. Begin again with the part Exchange.'
    }
    # Somebody granted it again, and the daemon may have a token with it: the wait for step 4 begins again.
    if ($Apply -and $assignments.Count -gt 0 -and $proof.ClaimGone) {
        $proof.ClaimGone = Read-Seconds
        Write-Proof $proof
    }
    # First the list: otherwise, the next consent to it would bring the permission back.
    if (@(Read-Listed $application.Id | Where-Object { $_.Id -eq $claim[0].Id }).Count -gt 0) {
        Invoke-Change 'take SMTP.SendAsApp off the list of API permissions' {
            Update-MgApplication -ApplicationId $application.Id -RequiredResourceAccess @(Join-Listed (Read-Listed $application.Id | Where-Object { $_.Id -ne $claim[0].Id }))
        }
    }
    foreach ($assignment in $assignments) {
        Invoke-Change 'take the permission SMTP.SendAsApp from the application; other permissions stay' {
            Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -AppRoleAssignmentId $assignment.Id
        }
    }
    if (@(Find-Claim $principal $resource $claim[0]).Count -gt 0) {
        if ($Apply) { throw 'The application still has SMTP.SendAsApp. Run the same command again.' }
        return
    }
    # Another site can open the mailboxes by these permissions. Without this property, FullAccess stays.
    $reading = @($resource.AppRoles | Where-Object { $_.Value -eq 'IMAP.AccessAsApp' -or $_.Value -eq 'POP.AccessAsApp' } | Where-Object { Find-Claim $principal $resource $_ })
    $proof | Add-Member -NotePropertyName OnlySends -NotePropertyValue ($reading.Count -eq 0) -Force
    $proof.Absent = Read-Seconds
    if (-not $proof.ClaimGone) { $proof.ClaimGone = $proof.Absent }
    Write-Proof $proof
    $ready = Format-Seconds ([long]$proof.ClaimGone + $Wait)
    Write-Host ''
    Write-Host "On the machine of TLS Uplift, now and after ${ready}: tls-uplift tenant check"
    Write-Host 'It gets a new token each time.'
    Show-Next 'If a mailbox then cannot sign in, take this step back:' 'least' 'Entra' ' -Back -Apply'
    Show-Next "If all devices send, after ${ready}, within a day, and in a NEW PowerShell window:" 'least' 'Exchange' ' -Apply'
}

# The next step is the test of the scope again.
function Clear-Proof {
    param($Proof)
    $Proof.ClaimGone = 0
    $Proof.Proven = 0
    Write-Proof $Proof
}

function Find-Claim {
    param($Principal, $Resource, $Claim)
    Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $Principal.Id -All | Where-Object { $_.ResourceId -eq $Resource.Id -and $_.AppRoleId -eq $Claim.Id }
}

# ---- Run ----

$folder = $PSScriptRoot
if (-not $folder) { $folder = (Get-Location).Path }
if (-not $ProofFile) { $ProofFile = Join-Path $folder 'tls-uplift-tenant-least.json' }
try {
    if (-not $ApplicationId -or -not $TenantId) { throw 'Give -TenantId and -ApplicationId.' }
    Assert-Ids
    if ($Flow -ne 'application') { throw 'Users sign in themselves in this tenant, so there is nothing to change.' }
    if ($Part -eq 'Exchange') { Invoke-ExchangePart } else { Invoke-EntraPart }
} catch {
    Show-Failure $_.Exception.Message
} finally {
    Close-Session
}
Show-Result 'is left to change' 'to make'
exit [int]($failures.Count -gt 0)
